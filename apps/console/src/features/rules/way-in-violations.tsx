import type { WayInViolation } from "@menshen/wire";
import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import { ExactMoment } from "../../components/moments.tsx";

const WAYS = ["card", "pin", "phone", "pass", "face"] as const;

/** Whom a change would leave without two kinds of way in, where and from when; the reason why it is refused. */
export function WayInViolations(props: { violations: readonly WayInViolation[]; count: number }) {
  const { t } = useTranslation();
  const wayText = (way: string) => {
    const known = WAYS.find((candidate) => candidate === way);
    return known === undefined ? way : t(`way.${known}`);
  };
  const names = (violation: WayInViolation) =>
    violation.persons
      .flatMap(({ name }) => name ?? [])
      .slice(0, 8)
      .join(t("common.comma"));
  return (
    <Alert
      type="warning"
      showIcon
      role="alert"
      title={t("problem.way-in-lost")}
      description={
        <ul className="plain-list">
          {props.violations.map((violation) => (
            <li key={`${violation.buildingId}/${violation.direction}/${violation.problem}/${violation.from}`}>
              <span>
                <strong>{t(`wayIn.problem.${violation.problem}`)}</strong> · {violation.buildingName} ·{" "}
                {violation.accessPoints
                  .map((point) => `${point.portalName} ${point.name}`)
                  .join(t("common.comma"))}
                <br />
                {t("rule.personCount", { count: violation.personCount })}
                {names(violation) === "" ? "" : `: ${names(violation)}`}
                <br />
                {t("common.from")} <ExactMoment epochMs={violation.from} />
                {violation.ways.length === 0
                  ? ""
                  : ` · ${t("wayIn.remaining", { ways: violation.ways.map(wayText).join(t("common.comma")) })}`}
              </span>
            </li>
          ))}
        </ul>
      }
    />
  );
}
