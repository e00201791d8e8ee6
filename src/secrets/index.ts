export { Secret, type SecretBinding, type SecretKind } from "./secret.ts";
export { SecretBroker } from "./secret-broker.ts";
export type { SecretAnswer, SecretQuestion, SecretRefusal } from "./secret-question.ts";
export { keyringAccount, openKeyring } from "./keyring.ts";
export { Redactor } from "./redactor.ts";
