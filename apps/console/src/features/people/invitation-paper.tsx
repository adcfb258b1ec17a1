import "./invitation-texts/index.ts";
import "./invitation-paper.css";
import { formatClock, formatDay, QrCode } from "@menshen/ui";
import type { ResidentInvitation } from "@menshen/wire";
import { Button } from "antd";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import { useSignedIn } from "../../api/session.tsx";
import { useMomentFormat } from "../../components/moments.tsx";

/** An invitation in large type, with the way in for who has no smartphone. Alone on the paper, whatever stands behind it. */
export function InvitationPaper(props: { invitation: ResidentInvitation; onClose: () => void }) {
  const { t: text } = useTranslation("invitation");
  const { community } = useSignedIn();
  const format = useMomentFormat();
  const { code, link, expiresAt } = props.invitation;
  const steps: unknown = text("desk", { returnObjects: true });
  const when = `${formatDay(expiresAt, format)} ${formatClock(expiresAt, format).slice(0, 5)}`;
  return createPortal(
    <div className="invitation-paper" role="dialog" aria-modal="true" aria-labelledby="invitation-title">
      <span className="actions invitation-paper__actions">
        <Button type="primary" autoFocus onClick={() => window.print()}>
          {text("print")}
        </Button>
        <Button onClick={props.onClose}>{text("close")}</Button>
      </span>
      <h1 id="invitation-title">{text("title", { community: community.name })}</h1>
      <p>{text("lead")}</p>
      <h2>{text("code")}</h2>
      <p className="invitation-paper__code">{code}</p>
      <p>{text("until", { when })}</p>
      <h2>{text("phoneTitle")}</h2>
      <p>{text("phone")}</p>
      <div className="invitation-paper__qr">
        <QrCode text={link} label={text("code")} />
      </div>
      <p className="invitation-paper__link">{link}</p>
      <h2>{text("deskTitle")}</h2>
      <ol>{Array.isArray(steps) ? steps.map((step) => <li key={String(step)}>{String(step)}</li>) : null}</ol>
      <p>{text("never")}</p>
    </div>,
    document.body,
  );
}
