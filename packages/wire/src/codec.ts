import { DomainError, Instant } from "@menshen/domain";
import type { Static } from "typebox";
import { type Cbor, decodeCbor, encodeCbor } from "./cbor.ts";
import { CborReader } from "./cbor-reader.ts";
import { WireError } from "./errors.ts";
import type { WireField, WireForm, WireSchema, WireVariant } from "./schema.ts";
import { uuidBytes, uuidText } from "./uuid.ts";

/** Both directions of one message. */
export interface Codec<T> {
  /** Deterministic CBOR. Throws `WireError("invalid")` on a value outside its range, `too-large` above the limit. */
  readonly encode: (value: T) => Uint8Array;
  /** Throws `WireError`; hostile bytes never cause anything else. Byte strings are views of `bytes`. */
  readonly decode: (bytes: Uint8Array) => T;
  /** Reads an item that {@link decodeCbor} returned. */
  readonly read: (cbor: unknown) => T;
  /** As `decode`, but `undefined` for what it refuses, without a reason. */
  readonly attempt: (bytes: Uint8Array) => T | undefined;
  readonly schema: WireSchema;
  readonly maxBytes: number;
}

/** Compiles a schema once; keep the result. `maxBytes` bounds a whole message. */
export function makeCodec<S extends WireSchema>(schema: S, maxBytes: number): Codec<Static<S>> {
  const form = compile(schema.wire);
  // The parsing constructor of every message: `form.read` has checked each field against the schema.
  const read = (cbor: unknown) => at("message", () => form.read(cbor)) as Static<S>;
  /** Straight from the bytes, without a tree between: what nearly every message goes through. */
  const attempt = (bytes: Uint8Array): Static<S> | undefined => {
    if (bytes.length > maxBytes) return undefined;
    try {
      const reader = new CborReader(bytes);
      const value = form.take(reader, 0) as Static<S>;
      return reader.isAtEnd() ? value : undefined;
    } catch (error) {
      if (error instanceof WireError) return undefined;
      throw error;
    }
  };
  return {
    schema,
    maxBytes,
    encode(value) {
      const encoded = encodeCbor(at("message", () => form.write(value)));
      if (encoded.length > maxBytes) {
        throw new WireError("too-large", `expected at most ${maxBytes} bytes, made ${encoded.length}`);
      }
      return encoded;
    },
    // What is refused is read again by the longer way, which says why.
    decode: (bytes) => attempt(bytes) ?? read(decodeCbor(bytes, maxBytes)),
    read,
    attempt,
  };
}

interface Form {
  readonly read: (cbor: unknown) => unknown;
  /** INVARIANT: takes from a reader what `read` takes from its item, and refuses what that refuses, with any `WireError`. */
  readonly take: (reader: CborReader, depth: number) => unknown;
  readonly write: (value: unknown) => Cbor;
}

/** The text begins with a colon until {@link within} has put the field's name before it. */
function invalid(expected: string, cause?: unknown): WireError {
  return new WireError("invalid", `: expected ${expected}`, cause === undefined ? {} : { cause });
}

/** Puts the name of a field before the text of an error. Names cost nothing until something fails. */
function within(name: string, error: unknown): unknown {
  if (!(error instanceof WireError)) return error;
  const separator = /^[:[]/.test(error.message) ? "" : ".";
  return new WireError(error.code, `${name}${separator}${error.message}`, { cause: error.cause });
}

function at<T>(name: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw within(name, error);
  }
}

function compile(form: WireForm): Form {
  switch (form.kind) {
    case "literal":
      return literalForm(form.value, form.cbor);
    case "version":
      return versionForm(form.version);
    case "int":
      return checked(
        (reader) => reader.integer(),
        (value): value is number =>
          typeof value === "number" && Number.isSafeInteger(value) && value >= form.min && value <= form.max,
        `a whole number ${form.min} to ${form.max}`,
      );
    case "bool":
      return checked(
        (reader) => reader.bool(),
        (value): value is boolean => typeof value === "boolean",
        "true or false",
      );
    case "text":
      return checked(
        (reader) => reader.textString(),
        (value): value is string =>
          typeof value === "string" &&
          value.length > 0 &&
          value.length <= form.maxLength &&
          (form.pattern === undefined || form.pattern.test(value)),
        `text of 1 to ${form.maxLength} characters`,
      );
    case "bytes":
      return checked(
        (reader) => reader.byteString(),
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

/** A value that is the same in memory and on the wire. */
function checked<T extends Cbor>(
  next: (reader: CborReader) => unknown,
  fits: (value: unknown) => value is T,
  expected: string,
): Form {
  const check = (value: unknown): T => {
    if (!fits(value)) throw invalid(expected);
    return value;
  };
  return { read: check, take: (reader) => check(next(reader)), write: check };
}

function literalForm(value: string | number, cbor: number): Form {
  return {
    read(item) {
      if (item !== cbor) throw invalid(`${cbor}`);
      return value;
    },
    take(reader) {
      if (reader.integer() !== cbor) throw invalid(`${cbor}`);
      return value;
    },
    write(given) {
      if (given !== value) throw invalid(`${value}`);
      return cbor;
    },
  };
}

function versionForm(version: number): Form {
  const check = (value: unknown): number => {
    if (typeof value !== "number") throw invalid("a version number");
    if (value !== version) {
      throw new WireError("unknown-version", `: expected version ${version}, came ${value}`);
    }
    return value;
  };
  return { read: check, take: (reader) => check(reader.integer()), write: check };
}

/** IDs that came last, each in the place of its last byte: entries of a batch name the same few doors. */
const KNOWN_IDS = 256;

function uuidForm(parse: (text: string) => string): Form {
  const known = Array.from<{ readonly bytes: Uint8Array; readonly text: string } | undefined>({
    length: KNOWN_IDS,
  });
  const read = (cbor: unknown): string => {
    if (!(cbor instanceof Uint8Array) || cbor.length !== 16) throw invalid("16 bytes");
    const place = cbor[15] ?? 0;
    const last = known[place];
    if (last !== undefined && isSame(last.bytes, cbor)) return last.text;
    const text = parse(uuidText(cbor));
    known[place] = { bytes: cbor.slice(), text };
    return text;
  };
  return {
    read,
    take: (reader) => read(reader.byteString()),
    write(value) {
      if (typeof value !== "string") throw invalid("an ID");
      return uuidBytes(inDomain(() => parse(value)));
    },
  };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < 16; i++) if (a[i] !== b[i]) return false;
  return true;
}

function instantForm(): Form {
  const check = (value: unknown): Instant => {
    if (typeof value !== "number") throw invalid("whole milliseconds");
    return inDomain(() => Instant(value));
  };
  return { read: check, take: (reader) => check(reader.integer()), write: check };
}

/** Turns the domain's own refusal of a value into this package's error. */
function inDomain<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof DomainError)) throw cause;
    throw invalid("a value of its type", cause);
  }
}

function choiceForm(values: readonly string[]): Form {
  const expected = `one of ${values.length} choices`;
  const read = (cbor: unknown): string => {
    const value = typeof cbor === "number" ? values[cbor] : undefined;
    if (value === undefined) throw invalid(expected);
    return value;
  };
  return {
    read,
    take: (reader) => read(reader.integer()),
    write(value) {
      const index = typeof value === "string" ? values.indexOf(value) : -1;
      if (index < 0) throw invalid(expected);
      return index;
    },
  };
}

function arrayForm(item: Form, min: number, max: number): Form {
  const convert = <T>(value: unknown, one: (element: unknown) => T): T[] => {
    if (!Array.isArray(value) || value.length < min || value.length > max) {
      throw invalid(`a list of ${min} to ${max}`);
    }
    const converted: T[] = [];
    try {
      for (const element of value) converted.push(one(element));
    } catch (error) {
      throw within(`[${converted.length}]`, error);
    }
    return converted;
  };
  return {
    read: (cbor) => convert(cbor, item.read),
    take(reader, depth) {
      const length = reader.arrayLength(depth);
      if (length < min || length > max) throw invalid(`a list of ${min} to ${max}`);
      const taken: unknown[] = [];
      for (let i = 0; i < length; i++) taken.push(item.take(reader, depth + 1));
      return taken;
    },
    write: (value) => convert(value, item.write),
  };
}

interface MapForm extends Form {
  /** As `take`, into an object that is there; answers it. */
  readonly takeInto: (
    value: Record<string, unknown>,
    reader: CborReader,
    depth: number,
  ) => Record<string, unknown>;
}

/** Keys that the schema does not know are skipped: whoever must keep them keeps the bytes. */
function mapForm(fields: readonly WireField[]): MapForm {
  const compiled = fields.map((field) => ({ ...field, form: compile(field.schema.wire) }));
  const byKey: ((typeof compiled)[number] | undefined)[] = [];
  for (const field of compiled) byKey[field.key] = field;
  const required = compiled.filter(({ optional }) => !optional).length;
  const takeInto = (value: Record<string, unknown>, reader: CborReader, depth: number) => {
    let missing = required;
    let before = -1;
    for (let left = reader.mapLength(depth); left > 0; left--) {
      const key = reader.integer();
      // Of keys from 0 on, the encoded rise as the numbers do; others are read by the longer way.
      if (key <= before) throw invalid("sorted, unique keys");
      before = key;
      const field = byKey[key];
      if (field === undefined) {
        reader.item(depth + 1);
        continue;
      }
      value[field.name] = field.form.take(reader, depth + 1);
      if (!field.optional) missing -= 1;
    }
    if (missing > 0) throw invalid("a value");
    return value;
  };
  return {
    takeInto,
    take: (reader, depth) => takeInto({}, reader, depth),
    read(cbor) {
      if (!(cbor instanceof Map)) throw invalid("a map");
      for (const key of cbor.keys()) if (typeof key !== "number") throw invalid("integer keys");
      const value: Record<string, unknown> = {};
      let current = "";
      try {
        for (const { name, key, optional, form } of compiled) {
          current = name;
          const element: unknown = cbor.get(key);
          if (element !== undefined) value[name] = form.read(element);
          else if (!optional) throw invalid("a value");
        }
      } catch (error) {
        throw within(current, error);
      }
      return value;
    },
    write(value) {
      const record = asRecord(value);
      const cbor = new Map<number, Cbor>();
      let current = "";
      try {
        for (const { name, key, optional, form } of compiled) {
          current = name;
          const element = record[name];
          if (element !== undefined) cbor.set(key, form.write(element));
          else if (!optional) throw invalid("a value");
        }
      } catch (error) {
        throw within(current, error);
      }
      return cbor;
    },
  };
}

const NO_FIELDS: unknown = new Map();
const EMPTY_MAP = 0xa0;

function variantsForm(tag: string, variants: readonly WireVariant[]): Form {
  const compiled = variants.map(({ name, fields }) => ({
    name,
    empty: fields.length === 0,
    requires: fields.some(({ optional }) => !optional),
    form: mapForm(fields),
  }));
  return {
    read(cbor) {
      if (!Array.isArray(cbor) || cbor.length < 1 || cbor.length > 2) throw invalid("a list of 1 or 2");
      const [index, fields]: readonly unknown[] = cbor;
      const variant = typeof index === "number" ? compiled[index] : undefined;
      if (variant === undefined) throw invalid(`one of ${compiled.length} variants`);
      // An empty map would be a second way to write the same.
      if (fields instanceof Map && fields.size === 0) throw invalid("no map without fields");
      return { [tag]: variant.name, ...asRecord(variant.form.read(fields ?? NO_FIELDS)) };
    },
    take(reader, depth) {
      const length = reader.arrayLength(depth);
      const variant = length === 1 || length === 2 ? compiled[reader.integer()] : undefined;
      if (variant === undefined) throw invalid(`one of ${compiled.length} variants`);
      const value = { [tag]: variant.name };
      if (length === 2) {
        if (reader.peek() === EMPTY_MAP) throw invalid("no map without fields");
        return variant.form.takeInto(value, reader, depth + 1);
      }
      if (variant.requires) throw invalid("a map");
      return value;
    },
    write(value) {
      const record = asRecord(value);
      const index = compiled.findIndex(({ name }) => name === record[tag]);
      const variant = compiled[index];
      if (variant === undefined) throw invalid(`one of ${compiled.length} variants`);
      if (variant.empty) return [index];
      const fields = variant.form.write(record);
      const isEmpty = fields instanceof Map && fields.size === 0;
      return isEmpty ? [index] : [index, fields];
    },
  };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw invalid("an object");
  return value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
