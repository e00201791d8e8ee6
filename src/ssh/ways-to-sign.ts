import { chosenNames } from "./chosen-names.ts";
import type { KeyOffer } from "./credentials.ts";
import type { ConnectPlan } from "./engine.ts";
import { oldRsaSignature, plainKeyType, requestName, safeRsaSignatures, usualKeyAlgorithms } from "./key-algorithm.ts";

/**
 * The offer as far as PubkeyAcceptedAlgorithms allows it: an RSA key may be two, because servers that know SHA-1 only refuse
 * everything else. SHA-1 comes last, and only where `legacy` is set or ssh_config names it.
 */
export function waysToSign(plan: Pick<ConnectPlan, "legacy" | "algorithms">, offer: KeyOffer): readonly KeyOffer[] {
  const { identity, label } = offer;
  const list = plan.algorithms?.["pubkeyacceptedalgorithms"];
  const allowed = chosenNames(list, usualKeyAlgorithms);
  const isRsa = plainKeyType(identity.type) === "ssh-rsa";
  if (!isRsa) return list === undefined || allowed.includes(identity.type) ? [offer] : [];
  const may = (signature: string): boolean => allowed.includes(requestName(identity.type, signature));
  const safe = safeRsaSignatures.filter(may);
  const old = plan.legacy === true || may(oldRsaSignature);
  return [
    ...(safe.length === 0 ? [] : [{ label, identity: { ...identity, signatures: safe } }]),
    ...(old ? [{ label: `${label} (SHA-1)`, identity: { ...identity, signatures: [oldRsaSignature] } }] : []),
  ];
}
