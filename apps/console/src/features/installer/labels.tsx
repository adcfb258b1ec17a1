import { QrCode } from "@menshen/ui";
import type { Installation } from "@menshen/wire";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useSignedIn } from "../../api/session.tsx";
import { PageHead } from "../../components/page-head.tsx";

/** A label for each door of a gate, to be printed. It tells where the door's page is, and nothing that opens it. */
export function Labels({ installation: { gate, doors } }: { installation: Installation }) {
  const { t } = useTranslation("installer");
  const { community } = useSignedIn();
  return (
    <div className="install">
      <div className="install__no-print">
        <p className="install__back">
          <Link to={`/install/${gate.id}`}>{gate.name}</Link>
        </p>
        <PageHead
          title={t("labels.title")}
          lead={t("labels.help")}
          action={
            <Button type="primary" size="large" onClick={() => window.print()}>
              {t("labels.print")}
            </Button>
          }
        />
      </div>
      <ul className="install__labels">
        {doors.map((door) => (
          <li key={door.portalId} className="install__label">
            <QrCode
              text={`${location.origin}/doors?portal=${door.portalId}`}
              label={t("labels.code", { name: door.name })}
            />
            <span>
              <strong>{door.name}</strong>
              <span>{gate.name}</span>
              <span>{community.name}</span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
