import type { ChangeItem } from "@menshen/wire";
import type { TFunction } from "i18next";
import { zhCN } from "../../i18n/zh-CN.ts";

const { entity: ENTITIES, verb: VERBS, field: FIELDS } = zhCN.change;

function isKeyOf<Table extends object>(table: Table, key: string): key is Extract<keyof Table, string> {
  return Object.hasOwn(table, key);
}

/** What was done to what, e.g. "Gate: revoked"; an action this console does not know keeps its protocol name. */
export function actionText(t: TFunction, action: string): string {
  const dot = action.indexOf(".");
  const entity = action.slice(0, dot);
  const verb = action.slice(dot + 1);
  if (!isKeyOf(ENTITIES, entity) || !isKeyOf(VERBS, verb)) return action;
  return t("change.done", { entity: t(`change.entity.${entity}`), verb: t(`change.verb.${verb}`) });
}

/** Which fields changed; plain values with what they were and are, as far as they are kept. */
export function fieldsText(t: TFunction, { before, after }: ChangeItem): string {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return names
    .map((name) => {
      const values = [before?.[name], after?.[name]]
        .filter(isPlain)
        .map((value) => valueText(t, name, value));
      const label = isKeyOf(FIELDS, name) ? t(`change.field.${name}`) : name;
      return values.length === 0 ? label : `${label} ${values.join(" → ")}`;
    })
    .join(t("common.semicolon"));
}

/** A value in words where it is one of the API's own words. */
function valueText(t: TFunction, field: string, value: string | number | boolean): string {
  const word = String(value);
  if (field === "duty" && isKeyOf(zhCN.duty, word)) return t(`duty.${word}`);
  if (field === "role" && isKeyOf(zhCN.role, word)) return t(`role.${word}`);
  if (field === "kind" && isKeyOf(zhCN.credentialKind, word)) return t(`credentialKind.${word}`);
  if (field === "kind" && isKeyOf(zhCN.gateAlarm.kind, word)) return t(`gateAlarm.kind.${word}`);
  if (field === "state" && isKeyOf(zhCN.credential.state, word)) return t(`credential.state.${word}`);
  if (field === "mode" && isKeyOf(zhCN.door.modeOf, word)) return t(`door.modeOf.${word}`);
  if (field === "by" && isKeyOf(zhCN.change.by, word)) return t(`change.by.${word}`);
  return word;
}

function isPlain(value: unknown): value is string | number | boolean {
  // Identifiers say nothing to a reader.
  if (typeof value === "string") return value !== "" && !/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(value);
  return typeof value === "number" || typeof value === "boolean";
}
