import type { Instant } from "@menshen/domain";
import { type Static, type TObject, type TSchema, type TUnsafe, Type } from "typebox";

/** How a value looks on the wire; every schema of this package carries one as its keyword `wire`. */
export type WireForm =
  | { readonly kind: "literal"; readonly cbor: number; readonly value: string | number }
  | { readonly kind: "version"; readonly version: number }
  | { readonly kind: "int"; readonly min: number; readonly max: number }
  | { readonly kind: "bool" }
  | { readonly kind: "text"; readonly maxLength: number; readonly pattern?: RegExp }
  | { readonly kind: "bytes"; readonly min: number; readonly max: number }
  | { readonly kind: "uuid"; readonly parse: (text: string) => string }
  | { readonly kind: "instant" }
  | { readonly kind: "choice"; readonly values: readonly string[] }
  | { readonly kind: "array"; readonly item: WireSchema; readonly min: number; readonly max: number }
  | { readonly kind: "map"; readonly fields: readonly WireField[] }
  | { readonly kind: "variants"; readonly tag: string; readonly variants: readonly WireVariant[] };

export interface WireField {
  readonly name: string;
  readonly key: number;
  readonly optional: boolean;
  readonly schema: WireSchema;
}

/** On the wire `[index]`, or `[index, map]` with the fields that are there, keyed 0, 1, … in their order. */
export interface WireVariant {
  readonly name: string;
  readonly fields: readonly WireField[];
}

export interface WireSchema extends TSchema {
  readonly wire: WireForm;
}

type Wired<T> = TUnsafe<T> & { readonly wire: WireForm };

/** The only place where a schema gets its static type without TypeBox proving it. */
function wired<T>(wire: WireForm): Wired<T> {
  return Type.Unsafe<T>({ wire }) as Wired<T>;
}

/** A fixed value, e.g. the kind of a journal entry, with the number that stands for it. */
export const literal = <const V extends string>(value: V, cbor: number) =>
  wired<V>({ kind: "literal", cbor, value });
/** The message's version; another one is refused as `unknown-version`. */
export const version = <const V extends number>(number: V) => wired<V>({ kind: "version", version: number });
/** Whole number `min`..`max`, by default 0..2^53-1. */
export const uint = (max: number = Number.MAX_SAFE_INTEGER, min = 0) =>
  wired<number>({ kind: "int", min, max });
/** Whole number of either sign within ±(2^53-1). */
export const int = () =>
  wired<number>({ kind: "int", min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
/** A whole number out of a short list that starts at 0. */
export const level = <const V extends readonly number[]>(values: V) =>
  wired<V[number]>({ kind: "int", min: 0, max: values.length - 1 });
export const bool = () => wired<boolean>({ kind: "bool" });
/** Text of 1..`maxLength` UTF-16 units. */
export const text = (maxLength: number, pattern?: RegExp) =>
  wired<string>({ kind: "text", maxLength, ...(pattern === undefined ? {} : { pattern }) });
/** Byte string of `min`..`max` bytes; one argument fixes the length. */
export const bytes = (min: number, max: number = min) => wired<Uint8Array>({ kind: "bytes", min, max });
/** An ID of the domain: 16 bytes on the wire, lower-case text in memory. */
export const uuid = <T extends string>(parse: (text: string) => T) => wired<T>({ kind: "uuid", parse });
/** Unix milliseconds. */
export const instant = () => wired<Instant>({ kind: "instant" });
/** One of a list, as its index: the list may grow at its end only. */
export const choice = <const V extends readonly string[]>(values: V) =>
  wired<V[number]>({ kind: "choice", values });
export const list = <S extends WireSchema>(item: S, max: number, min = 0) =>
  wired<readonly Static<S>[]>({ kind: "array", item, min, max });

type FieldList = Readonly<Record<string, readonly [key: number, schema: TSchema]>>;
type PropertiesOf<F extends FieldList> = { [K in keyof F]: F[K][1] };

/** A map with integer keys; `Type.Optional` marks a field that may be absent. */
export function map<const F extends FieldList>(
  fields: F,
): TObject<PropertiesOf<F>> & { readonly wire: WireForm } {
  const properties = Object.fromEntries(Object.entries(fields).map(([name, [, schema]]) => [name, schema]));
  const wire: WireForm = {
    kind: "map",
    fields: Object.entries(fields).map(([name, [key, schema]]) => ({ key, ...fieldOf(name, schema) })),
  };
  return Type.Object(properties, { wire }) as TObject<PropertiesOf<F>> & { readonly wire: WireForm };
}

type VariantList = Readonly<Record<string, Readonly<Record<string, TSchema>>>>;
type VariantUnion<Tag extends string, V extends VariantList> = {
  [K in keyof V]: { readonly [T in Tag]: K } & Static<TObject<V[K]>>;
}[keyof V];

/**
 * A union told apart by `tag`; the order of variants and of their fields
 * numbers them, so both lists may grow at their ends only.
 */
export function variants<const Tag extends string, const V extends VariantList>(tag: Tag, list: V) {
  return wired<VariantUnion<Tag, V>>({
    kind: "variants",
    tag,
    variants: Object.entries(list).map(([name, shape]) => ({
      name,
      fields: Object.entries(shape).map(([field, schema], key) => ({ key, ...fieldOf(field, schema) })),
    })),
  });
}

/** May be absent. */
export const optional = <S extends WireSchema>(schema: S) => Type.Optional(schema);

/** For schemas made elsewhere: true if `schema` was made by a builder of this file. */
function isWired(schema: TSchema): schema is WireSchema {
  return "wire" in schema;
}

function fieldOf(name: string, schema: TSchema): Omit<WireField, "key"> {
  if (!isWired(schema)) throw new TypeError(`field ${name}: expected a schema with a wire form`);
  return { name, schema, optional: Type.IsOptional(schema) };
}
