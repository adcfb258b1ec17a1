import type { WireField, WireForm, WireSchema } from "../schema.ts";
import * as documents from "./documents.ts";
import * as enrolment from "./enrolment.ts";
import * as journal from "./journal.ts";
import { MESSAGE_TYPES } from "./message-types.ts";
import { reasonSchema } from "./reason.ts";
import * as reports from "./reports.ts";
import * as trail from "./trail.ts";

/** Rule names; a schema that stands inside another is printed by its name. */
const RULES: readonly (readonly [name: string, schema: WireSchema])[] = [
  ["journal-batch", journal.journalBatchSchema],
  ["access-entry", journal.accessEntrySchema],
  ["portal-entry", journal.portalEntrySchema],
  ["reader-entry", journal.readerEntrySchema],
  ["gate-entry", journal.gateEntrySchema],
  ["access-body", journal.accessBodySchema],
  ["reason", reasonSchema],
  ["portal-body", journal.portalBodySchema],
  ["reader-body", journal.readerBodySchema],
  ["gate-body", journal.gateBodySchema],
  ["hello", reports.helloSchema],
  ["status", reports.statusSchema],
  ["applied", reports.appliedSchema],
  ["time-request", reports.timeRequestSchema],
  ["snapshot", documents.snapshotSchema],
  ["delta", documents.deltaSchema],
  ["sealed-keyring", documents.sealedKeyringSchema],
  ["keyring", documents.keyringSchema],
  ["modes", documents.modesSchema],
  ["trail", trail.trailSchema],
  ["pseudonym", trail.pseudonymSchema],
  ["time", documents.timeSchema],
  ["resume", documents.resumeSchema],
  ["enrol-request", enrolment.enrolRequestSchema],
  ["enrol-response", enrolment.enrolResponseSchema],
  ["renew-request", enrolment.renewRequestSchema],
  ["renew-response", enrolment.renewResponseSchema],
  ["refusal", enrolment.refusalSchema],
];

const PRELUDE = `; Gate link, version 1: what gate-link.md describes, in CDDL (RFC 8610).
; Printed from the schemas in packages/wire, whose tests compare this file with them.
;
; Encoding: RFC 8949 §4.2.1 (deterministic). Signed messages are COSE_Sign1 (RFC 9052), tagged 18, with ES256 by a
; gate's device key or EdDSA by the community's policy key, and with the external_aad given here:
${Object.entries(MESSAGE_TYPES)
  .map(([name, aad]) => `;   ${name}: '${aad}'`)
  .join("\n")}

; A map may carry keys that are not listed here; a receiver skips them and keeps the bytes it must keep.
extension = (* int => any)

uuid = bstr .size 16
; Unix milliseconds
instant = int

journal-entry = access-entry / portal-entry / reader-entry / gate-entry
`;

/** The text of docs/protocol/gate-link.cddl. */
export function gateLinkCddl(): string {
  const names = new Map(RULES.map(([name, schema]) => [schema.wire, name]));
  const rules = RULES.map(
    ([name, { wire }]) => `${`${name} = ${print(wire, names, 0)}`.replace("= \n", "=\n")}\n`,
  );
  return [PRELUDE, ...rules].join("\n");
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
