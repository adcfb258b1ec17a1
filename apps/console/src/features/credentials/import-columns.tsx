import type { CardListPreview } from "@menshen/wire";
import { Select } from "antd";
import { useTranslation } from "react-i18next";
import type { ListChoices } from "./import-choices.ts";

const WHAT = ["card", "person", "building", "dwelling"] as const;
const NONE = -1;

/** What each column says, and how numbers are written; found by itself, changed by hand. */
export function ImportColumns(props: {
  preview: CardListPreview;
  choices: ListChoices;
  onChange: (choices: ListChoices) => void;
}) {
  const { t } = useTranslation("cards");
  const { preview, choices, onChange } = props;
  const { header, sample, columns, form } = preview;
  const width = Math.max(header.length, ...sample.map((row) => row.length));
  const options = Array.from({ length: width }, (_, value) => {
    const name = header[value] ?? t("import.columnNumber", { number: value + 1 });
    const example = sample[0]?.[value] ?? "";
    return { value, label: example === "" ? name : `${name} · ${example}` };
  });
  return (
    <section className="section" aria-labelledby="import-columns">
      <h2 id="import-columns">{t("import.columns")}</h2>
      <div className="import-form">
        {WHAT.map((what) => (
          <div key={what}>
            <span id={`column-${what}`}>{t(`import.column.${what}`)}</span>
            <Select<number>
              aria-labelledby={`column-${what}`}
              value={columns[what] ?? NONE}
              options={what === "card" ? options : [{ value: NONE, label: t("import.noColumn") }, ...options]}
              onChange={(value) => {
                const { [what]: _, ...others } = columns;
                onChange({ ...choices, columns: value === NONE ? others : { ...others, [what]: value } });
              }}
            />
          </div>
        ))}
        <div>
          <span id="number-form">{t("import.form")}</span>
          <Select<string>
            aria-labelledby="number-form"
            value={`${form.digits} ${form.byteOrder}`}
            options={(["hex", "decimal"] as const).flatMap((digits) =>
              (["as-shown", "reversed"] as const).map((byteOrder) => ({
                value: `${digits} ${byteOrder}`,
                label: `${t(`import.digits.${digits}`)} · ${t(`import.byteOrder.${byteOrder}`)}`,
              })),
            )}
            onChange={(value) => {
              const { known: _, ...others } = choices;
              onChange({
                ...others,
                digits: value.startsWith("hex") ? "hex" : "decimal",
                byteOrder: value.endsWith("reversed") ? "reversed" : "as-shown",
              });
            }}
          />
        </div>
      </div>
    </section>
  );
}
