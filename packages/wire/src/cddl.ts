import type { WireField, WireForm, WireSchema } from "./schema.ts";

/** A schema under the name by which others print it. */
export type CddlRule = readonly [name: string, schema: WireSchema];

/** The rules in CDDL (RFC 8610), each on lines of its own. What they call `extension`, `uuid` and `instant` is not in it. */
export function printCddl(rules: readonly CddlRule[]): string {
  const names = new Map(rules.map(([name, schema]) => [schema.wire, name]));
  return rules
    .map(([name, { wire }]) => `${`${name} = ${print(wire, names, 0)}`.replace("= \n", "=\n")}\n`)
    .join("\n");
}

function print(form: WireForm, names: ReadonlyMap<WireForm, string>, depth: number): string {
  const inside = (schema: WireSchema, deeper = 1) =>
    names.get(schema.wire) ?? print(schema.wire, names, depth + deeper);
  switch (form.kind) {
    case "literal":
      return `${form.cbor}`;
    case "version":
      return `${form.version}`;
    case "int":
      return integer(form.min, form.max);
    case "bool":
      return "bool";
    case "text":
      return `tstr .size (1..${form.maxLength})`;
    case "bytes":
      return form.min === form.max ? `bstr .size ${form.min}` : `bstr .size (${form.min}..${form.max})`;
    case "uuid":
      return "uuid";
    case "instant":
      return "instant";
    case "choice":
      return `&(${form.values.map((value, index) => `${value}: ${index}`).join(", ")})`;
    case "array":
      return `[${form.min}*${form.max} ${inside(form.item)}]`;
    case "map":
      return block(form.fields, inside, depth);
    case "variants":
      return form.variants
        .map(({ name, fields }, index) => {
          const values = fields.map((field) => member(field, (schema) => inside(schema, 0))).join(", ");
          const all = fields.every((field) => field.optional);
          const map = fields.length === 0 ? "" : `, ${all ? "? " : ""}{${values}}`;
          return `\n  ${index === 0 ? "  " : "/ "}[${index}${map}] ; ${name}`;
        })
        .join("");
  }
}

function integer(min: number, max: number): string {
  if (min === Number.MIN_SAFE_INTEGER) return "int";
  if (max === Number.MAX_SAFE_INTEGER) return min === 0 ? "uint" : `uint .ge ${min}`;
  return `${min}..${max}`;
}

function member(field: WireField, inside: (schema: WireSchema) => string): string {
  return `${field.optional ? "? " : ""}${field.key}: ${inside(field.schema)}`;
}

/** One field a line, its name in a comment behind it. */
function block(fields: readonly WireField[], inside: (schema: WireSchema) => string, depth: number): string {
  const indent = "  ".repeat(depth + 1);
  const lines = fields.map((field) => {
    const literal = field.schema.wire.kind === "literal" ? ` = ${field.schema.wire.value}` : "";
    return `${indent}${member(field, inside)}, ; ${field.name}${literal}`;
  });
  return ["{", ...lines, `${indent}extension`, `${"  ".repeat(depth)}}`].join("\n");
}
