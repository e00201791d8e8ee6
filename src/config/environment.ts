/** Environment variables as the process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a variable, or undefined when it is unset or empty. */
export function variable(env: Environment, name: string): string | undefined {
  const value = env[name];
  return value === undefined || value === "" ? undefined : value;
}
