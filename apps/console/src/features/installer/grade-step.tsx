import { meetsGrade } from "@menshen/domain";
import { GradeMark } from "@menshen/ui";
import type { Installation, InstalledDoor } from "@menshen/wire";
import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

/** The best grade that each door can have, and what would raise it. */
export function GradeStep({ installation: { gate, doors } }: { installation: Installation }) {
  const { t } = useTranslation("installer");
  return (
    <>
      <p className="quiet">{t("grade.help")}</p>
      <ul className="plain-list">
        {doors.map((door) => (
          <li key={door.portalId}>
            <DoorGradeLines door={door} />
          </li>
        ))}
      </ul>
      {doors.length === 0 ? null : (
        <p>
          <Link to={`/install/${gate.id}/labels`}>{t("labels.open")}</Link>
        </p>
      )}
    </>
  );
}

function DoorGradeLines({ door: { name, grade, accessPoints } }: { door: InstalledDoor }) {
  const { t } = useTranslation("installer");
  const { t: tc } = useTranslation();
  const { best, limits } = grade;
  const asked = accessPoints.map(({ minimumGrade }) => minimumGrade).sort()[0];
  return (
    <div className="install__grade">
      <p>
        <strong>{name}</strong>{" "}
        {best === undefined ? (
          t("grade.none")
        ) : (
          <>
            {t("grade.best")} <GradeMark grade={best} label={tc(`grade.of.${best}`)} />
          </>
        )}{" "}
        {asked === undefined ? null : <span className="quiet">{t("grade.asks", { grade: asked })}</span>}
      </p>
      {asked !== undefined && best !== undefined && !meetsGrade(best, asked) ? (
        <Alert type="warning" title={t("grade.tooHigh")} />
      ) : null}
      <ul>
        {limits.map(({ code, allows }) => (
          <li key={code}>{t(`grade.limit.${code}`, { grade: allows ?? "–" })}</li>
        ))}
        {limits.length === 0 && best !== undefined ? <li>{t("grade.top")}</li> : null}
      </ul>
    </div>
  );
}
