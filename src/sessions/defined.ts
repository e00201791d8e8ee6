type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The properties that have a value: what `exactOptionalPropertyTypes` wants of optional ones. */
export function defined<T extends object>(parts: T): Defined<T> {
  const kept: Defined<T> = { ...parts };
  for (const key of Object.keys(parts)) if (Reflect.get(kept, key) === undefined) Reflect.deleteProperty(kept, key);
  return kept;
}
