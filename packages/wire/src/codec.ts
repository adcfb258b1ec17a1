import { DomainError, Instant } from "@menshen/domain";
import type { Static } from "typebox";
import { type Cbor, decodeCbor, encodeCbor } from "./cbor.ts";
import { WireError } from "./errors.ts";
import type { WireField, WireForm, WireSchema, WireVariant } from "./schema.ts";
import { uuidBytes, uuidText } from "./uuid.ts";

/** Both directions of one message. */
export interface Codec<T> {
  /** Deterministic CBOR. Throws `WireError("invalid")` on a value outside its range, `too-large` above the limit. */
  readonly encode: (value: T) => Uint8Array;
  /** Throws `WireError`; hostile bytes never cause anything else. */
  readonly decode: (bytes: Uint8Array) => T;
  /** Reads an item that {@link decodeCbor} returned; `where` begins the text of an error. */
  readonly read: (cbor: unknown, where: string) => T;
  readonly schema: WireSchema;
  readonly maxBytes: number;
}

/** Compiles a schema once; keep the result. `maxBytes` bounds a whole message. */
export function makeCodec<S extends WireSchema>(schema: S, maxBytes: number): Codec<Static<S>> {
  const form = compile(schema.wire);
  return {
    schema,
    maxBytes,
    encode(value) {
      const encoded = encodeCbor(form.write(value, "message"));
      if (encoded.length > maxBytes) {
        throw new WireError("too-large", `expected at most ${maxBytes} bytes, made ${encoded.length}`);
      }
      return encoded;
    },
    // The parsing constructor of every message: `form.read` has checked each field against the schema.
    decode: (bytes) => form.read(decodeCbor(bytes, maxBytes), "message") as Static<S>,
    read: (cbor, where) => form.read(cbor, where) as Static<S>,
  };
}

interface Form {
  readonly read: (cbor: unknown, where: string) => unknown;
  readonly write: (value: unknown, where: string) => Cbor;
}

function invalid(where: string, expected: string): WireError {
  return new WireError("invalid", `${where}: expected ${expected}`);
}

function compile(form: WireForm): Form {
  switch (form.kind) {
    case "literal":
      return symmetric(
        (value): value is number => value === form.cbor,
        (value): value is number => value === form.value,
        `${form.cbor}`,
        () => form.value,
        () => form.cbor,
      );
    case "version":
      return versionForm(form.version);
    case "int":
      return checked(
        (value): value is number =>
          typeof value === "number" && Number.isSafeInteger(value) && value >= form.min && value <= form.max,
        `a whole number ${form.min} to ${form.max}`,
      );
    case "bool":
      return checked((value): value is boolean => typeof value === "boolean", "true or false");
    case "text":
      return checked(
        (value): value is string =>
          typeof value === "string" &&
          value.length > 0 &&
          value.length <= form.maxLength &&
          (form.pattern === undefined || form.pattern.test(value)),
        `text of 1 to ${form.maxLength} characters`,
      );
    case "bytes":
      return checked(
        (value): value is Uint8Array =>
          value instanceof Uint8Array && value.length >= form.min && value.length <= form.max,
        form.min === form.max ? `${form.min} bytes` : `${form.min} to ${form.max} bytes`,
      );
    case "uuid":
      return uuidForm(form.parse);
    case "instant":
      return instantForm();
    case "choice":
      return choiceForm(form.values);
    case "array":
      return arrayForm(compile(form.item.wire), form.min, form.max);
    case "map":
      return mapForm(form.fields);
    case "variants":
      return variantsForm(form.tag, form.variants);
  }
}

function checked<T extends Cbor>(fits: (value: unknown) => value is T, expected: string): Form {
  const check = (value: unknown, where: string): T => {
    if (!fits(value)) throw invalid(where, expected);
    return value;
  };
  return { read: check, write: check };
}

function symmetric<C extends Cbor, V>(
  isCbor: (value: unknown) => value is C,
  isValue: (value: unknown) => value is V,
  expected: string,
  read: (cbor: C) => unknown,
  write: (value: V) => Cbor,
): Form {
  return {
    read(cbor, where) {
      if (!isCbor(cbor)) throw invalid(where, expected);
      return read(cbor);
    },
    write(value, where) {
      if (!isValue(value)) throw invalid(where, expected);
      return write(value);
    },
  };
}

function versionForm(version: number): Form {
  const check = (value: unknown, where: string): number => {
    if (typeof value !== "number") throw invalid(where, "a version number");
    if (value !== version) {
      throw new WireError("unknown-version", `${where}: expected version ${version}, came ${value}`);
    }
    return value;
  };
  return { read: check, write: check };
}

function uuidForm(parse: (text: string) => string): Form {
  return {
    read(cbor, where) {
      if (!(cbor instanceof Uint8Array) || cbor.length !== 16) throw invalid(where, "16 bytes");
      return parse(uuidText(cbor));
    },
    write(value, where) {
      if (typeof value !== "string") throw invalid(where, "an ID");
      return uuidBytes(inDomain(() => parse(value), where));
    },
  };
}

function instantForm(): Form {
  const check = (value: unknown, where: string): Instant => {
    if (typeof value !== "number") throw invalid(where, "whole milliseconds");
    return inDomain(() => Instant(value), where);
  };
  return { read: check, write: check };
}

/** Turns the domain's own refusal of a value into this package's error. */
function inDomain<T>(parse: () => T, where: string): T {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof DomainError)) throw cause;
    throw new WireError("invalid", `${where}: expected a value of its type`, { cause });
  }
}

function choiceForm(values: readonly string[]): Form {
  const expected = `one of ${values.length} choices`;
  return {
    read(cbor, where) {
      const value = typeof cbor === "number" ? values[cbor] : undefined;
      if (value === undefined) throw invalid(where, expected);
      return value;
    },
    write(value, where) {
      const index = typeof value === "string" ? values.indexOf(value) : -1;
      if (index < 0) throw invalid(where, expected);
      return index;
    },
  };
}

function arrayForm(item: Form, min: number, max: number): Form {
  const check = (value: unknown, where: string): readonly unknown[] => {
    if (!Array.isArray(value) || value.length < min || value.length > max) {
      throw invalid(where, `a list of ${min} to ${max}`);
    }
    return value;
  };
  return {
    read: (cbor, where) => check(cbor, where).map((element, i) => item.read(element, `${where}[${i}]`)),
    write: (value, where) => check(value, where).map((element, i) => item.write(element, `${where}[${i}]`)),
  };
}

/** Keys that the schema does not know are skipped: whoever must keep them keeps the bytes. */
function mapForm(fields: readonly WireField[]): Form {
  const compiled = fields.map((field) => ({ ...field, form: compile(field.schema.wire) }));
  return {
    read(cbor, where) {
      if (!(cbor instanceof Map)) throw invalid(where, "a map");
      for (const key of cbor.keys()) if (typeof key !== "number") throw invalid(where, "integer keys");
      const value: Record<string, unknown> = {};
      for (const { name, key, optional, form } of compiled) {
        const element: unknown = cbor.get(key);
        if (element !== undefined) value[name] = form.read(element, `${where}.${name}`);
        else if (!optional) throw invalid(`${where}.${name}`, "a value");
      }
      return value;
    },
    write(value, where) {
      const record = asRecord(value, where);
      const cbor = new Map<number, Cbor>();
      for (const { name, key, optional, form } of compiled) {
        const element = record[name];
        if (element !== undefined) cbor.set(key, form.write(element, `${where}.${name}`));
        else if (!optional) throw invalid(`${where}.${name}`, "a value");
      }
      return cbor;
    },
  };
}

function variantsForm(tag: string, variants: readonly WireVariant[]): Form {
  const compiled = variants.map(({ name, fields }) => ({
    name,
    empty: fields.length === 0,
    form: mapForm(fields),
  }));
  return {
    read(cbor, where) {
      if (!Array.isArray(cbor) || cbor.length < 1 || cbor.length > 2)
        throw invalid(where, "a list of 1 or 2");
      const [index, fields]: readonly unknown[] = cbor;
      const variant = typeof index === "number" ? compiled[index] : undefined;
      if (variant === undefined) throw invalid(where, `one of ${compiled.length} variants`);
      // An empty map would be a second way to write the same.
      if (fields instanceof Map && fields.size === 0) throw invalid(where, "no map without fields");
      const value = variant.form.read(fields ?? NO_FIELDS, where);
      return { [tag]: variant.name, ...asRecord(value, where) };
    },
    write(value, where) {
      const record = asRecord(value, where);
      const index = compiled.findIndex(({ name }) => name === record[tag]);
      const variant = compiled[index];
      if (variant === undefined) throw invalid(where, `one of ${compiled.length} variants`);
      if (variant.empty) return [index];
      const fields = variant.form.write(record, where);
      const isEmpty = fields instanceof Map && fields.size === 0;
      return isEmpty ? [index] : [index, fields];
    },
  };
}

const NO_FIELDS: unknown = new Map();

function asRecord(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw invalid(where, "an object");
  return { ...value };
}
