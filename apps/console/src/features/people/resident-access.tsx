import {
  type ChangeReason,
  type Person,
  type ResidentInvitation,
  residentInvitationEndpoints,
} from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { DayText, ExactMoment } from "../../components/moments.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";
import { InvitationPaper } from "./invitation-paper.tsx";

/** A person's way into the resident app: whether they have one, and a one-time code to be handed over. */
export function ResidentAccess(props: { person: Person }) {
  const { t } = useTranslation();
  const mayWrite = useMay("homes.write");
  const params = { id: props.person.id };
  const { t: paper } = useTranslation("invitation");
  const [isPaper, setIsPaper] = useState(false);
  const [invitation, setInvitation] = useState<ResidentInvitation>();
  const state = useQuery({
    queryKey: [residentInvitationEndpoints.state.id, props.person.id],
    queryFn: ({ signal }) => call(residentInvitationEndpoints.state, { params, signal }),
  });
  const invite = useChange(
    (reason: ChangeReason) => call(residentInvitationEndpoints.create, { params, reason }),
    { onDone: setInvitation, doneText: t("people.app.made") },
  );
  if (state.data === undefined) return null;
  const { registeredAt, invitedUntil } = state.data;
  return (
    <section>
      <h3>{t("people.app.title")}</h3>
      <p>
        {registeredAt === undefined ? (
          t("people.app.none")
        ) : (
          <>
            {t("people.app.since")} <DayText epochMs={registeredAt} />
          </>
        )}
        {invitedUntil === undefined ? null : (
          <>
            {t("common.semicolon")}
            {t("people.app.invited")} <DayText epochMs={invitedUntil} />
          </>
        )}
      </p>
      {registeredAt === undefined ? null : <p>{t("people.app.replaces")}</p>}
      {invitation === undefined ? null : (
        <Alert
          type="success"
          closable={{ onClose: () => setInvitation(undefined) }}
          title={t("people.app.codeTitle")}
          description={
            <>
              <p className="code">{invitation.code}</p>
              <p className="code">{invitation.link}</p>
              <p>
                {t("common.until")} <ExactMoment epochMs={invitation.expiresAt} />
              </p>
              <Button onClick={() => setIsPaper(true)}>{paper("show")}</Button>
            </>
          }
        />
      )}
      {invitation !== undefined && isPaper ? (
        <InvitationPaper invitation={invitation} onClose={() => setIsPaper(false)} />
      ) : null}
      {mayWrite ? (
        <ReasonButton
          label={t("people.app.invite")}
          isPending={invite.isPending}
          onConfirm={(reason) => invite.mutate(reason)}
        />
      ) : null}
    </section>
  );
}
