import { missingVendorFields, VENDOR_FIELDS, type VendorField, type VendorPage } from "@menshen/domain";
import type { Language } from "./preferences.tsx";
import { StateMark } from "./state-mark.tsx";

const TEXTS = {
  "zh-CN": {
    fields: {
      owner: "公司",
      beneficialOwner: "实际受益人",
      contract: "合同",
      fees: "收费",
      adIncome: "广告收入归谁",
      dataHeld: "它有哪些数据，在哪里",
      subProcessors: "它再交给谁处理",
      grade: "设备等级",
      incidents: "出过的事故",
    },
    none: "没有",
    missing: "没有说明：它的设备不能安装",
    until: "至",
  },
  en: {
    fields: {
      owner: "Company",
      beneficialOwner: "Who stands behind it",
      contract: "Contract",
      fees: "Fees",
      adIncome: "Who earns from adverts",
      dataHeld: "Data it holds, and where",
      subProcessors: "Whom it passes data to",
      grade: "Grade of its devices",
      incidents: "Incidents",
    },
    none: "None",
    missing: "Not said: its devices cannot be installed",
    until: "until",
  },
} as const;

/** All that a vendor's page says, and what it does not. */
export function VendorFacts(props: {
  page: VendorPage;
  missing: readonly VendorField[];
  language: Language;
}) {
  const t = TEXTS[props.language];
  const { page, missing } = props;
  // A grade or contract that is over is shown, and marked as missing.
  const unsaid = new Set(missingVendorFields(page, ""));
  return (
    <dl className="plain-facts">
      {VENDOR_FIELDS.map((field) => (
        <div key={field}>
          <dt>{t.fields[field]}</dt>
          <dd>
            {unsaid.has(field) ? null : <FieldText page={page} field={field} none={t.none} until={t.until} />}
            {missing.includes(field) ? <StateMark tone="refused">{t.missing}</StateMark> : null}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function FieldText(props: { page: VendorPage; field: VendorField; none: string; until: string }) {
  const { page, field, none, until } = props;
  switch (field) {
    case "contract":
      return (
        <Lines
          none={none}
          lines={[
            [
              page.contract?.number,
              `${page.contract?.from} – ${page.contract?.until}`,
              page.contract?.clauses,
            ],
          ]}
        />
      );
    case "grade":
      return (
        <Lines
          none={none}
          lines={[[page.grade?.grade, page.grade?.evidence, `${until} ${page.grade?.until}`]]}
        />
      );
    case "adIncome":
      return (
        <Lines
          none={none}
          lines={(page.adIncome ?? []).map(({ who, what, amount }) => [who, what, amount])}
        />
      );
    case "dataHeld":
      return (
        <Lines none={none} lines={(page.dataHeld ?? []).map((held) => [held.what, held.where, held.until])} />
      );
    case "subProcessors":
      return (
        <Lines
          none={none}
          lines={(page.subProcessors ?? []).map(({ name, what, where }) => [name, what, where])}
        />
      );
    case "incidents":
      return <Lines none={none} lines={(page.incidents ?? []).map(({ on, what }) => [on, what])} />;
    default:
      return <>{page[field]}</>;
  }
}

function Lines(props: { lines: readonly (readonly (string | undefined)[])[]; none: string }) {
  if (props.lines.length === 0) return <>{props.none}</>;
  return (
    <ul className="ms-lines">
      {props.lines.map((parts) => {
        const text = parts.join(" · ");
        return <li key={text}>{text}</li>;
      })}
    </ul>
  );
}
