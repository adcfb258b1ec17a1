import { fillText } from "@menshen/ui";
import {
  type Household,
  householdEndpoints,
  ownResidencyEndpoints,
  type ResidentInvitation,
  residencyEndTexts,
} from "@menshen/wire";
import { useState } from "react";
import { call } from "../api/client.ts";
import { signOnce } from "../api/session.ts";
import { useAnswer } from "../api/use-answer.ts";
import { useOwned } from "../device/device-context.tsx";
import { useMoments } from "../layout/moments.ts";
import { Loading, Problem } from "../layout/notices.tsx";
import { HomeEnd } from "./home-end.tsx";
import { useDoing } from "./use-doing.ts";
import { useHouseholdTexts } from "./use-household-texts.ts";

const askHouseholds = () => call(householdEndpoints.list, {});
const askResidencies = () => call(ownResidencyEndpoints.list, {});

/** Who lives with me, letting somebody in, and moving out. */
export function HouseholdPage() {
  const t = useHouseholdTexts();
  const households = useAnswer("households", askHouseholds);
  const residencies = useAnswer("residencies", askResidencies);
  const doing = useDoing(() => {
    households.again();
    residencies.again();
  });
  const { owner } = useOwned();
  const { isBusy, run } = doing;
  const failure = doing.failure ?? households.failure ?? residencies.failure;
  const self = households.value?.items.flatMap(({ members }) => members).find(({ isSelf }) => isSelf);
  const ends = (isAsked: boolean) =>
    residencies.value?.items.map(({ id, home, end }) =>
      home === undefined || (end !== undefined) !== isAsked ? null : (
        <HomeEnd
          key={id}
          home={home}
          end={end}
          isBusy={isBusy}
          onLeave={(inDays) =>
            run(async () => {
              const signed = await signOnce(owner, (challenge) =>
                residencyEndTexts.leave(owner.communityId, id, inDays, challenge),
              );
              return call(ownResidencyEndpoints.leave, { params: { id }, body: { inDays, ...signed } });
            })
          }
          onAgree={() =>
            run(async () => {
              const endId = end?.id ?? "";
              const signed = await signOnce(owner, (challenge) =>
                residencyEndTexts.agree(owner.communityId, endId, challenge),
              );
              const body = { answer: "agree" as const, ...signed };
              return call(ownResidencyEndpoints.answer, { params: { id: endId }, body });
            })
          }
          onObject={(objection) =>
            run(() =>
              call(ownResidencyEndpoints.answer, {
                params: { id: end?.id ?? "" },
                body: { answer: "object", objection },
              }),
            )
          }
          onStay={() => run(() => call(ownResidencyEndpoints.stay, { params: { id: end?.id ?? "" } }))}
        />
      ),
    );
  return (
    <>
      <p>{t.home.lead}</p>
      <p role="status">{doing.said}</p>
      {failure === undefined ? null : <Problem code={failure} onRetry={households.again} />}
      {households.value === undefined && households.isAsking ? <Loading /> : null}
      {/* A question that waits for an answer comes first; moving out by oneself, last. */}
      {ends(true)}
      {households.value?.items.map((household) => (
        <Members
          key={household.dwellingId}
          household={household}
          isBusy={isBusy}
          onInvite={async (displayName, role) => {
            let invitation: ResidentInvitation | undefined;
            const { dwellingId } = household;
            await new Promise<void>((resolve) => {
              run(async () => {
                try {
                  invitation = await call(householdEndpoints.invite, {
                    params: { dwellingId },
                    body: { displayName, role },
                  });
                } finally {
                  resolve();
                }
              });
            });
            return invitation;
          }}
        />
      ))}
      {self === undefined ? null : (
        <Alias
          key={self.name}
          name={self.name}
          isBusy={isBusy}
          onSave={(displayName) =>
            run(() => call(householdEndpoints.alias, { body: { displayName } }), t.home.saved)
          }
        />
      )}
      {ends(false)}
    </>
  );
}

function Members(props: {
  household: Household;
  isBusy: boolean;
  onInvite: (name: string, role: "family" | "helper") => Promise<ResidentInvitation | undefined>;
}) {
  const t = useHouseholdTexts();
  const moments = useMoments();
  const [name, setName] = useState("");
  const [role, setRole] = useState<"family" | "helper">("family");
  const [invitation, setInvitation] = useState<ResidentInvitation>();
  const { household, isBusy } = props;
  return (
    <section aria-label={household.home}>
      <h2>{household.home}</h2>
      <h3>{t.home.members}</h3>
      <ul className="plain-list">
        {household.members.map((member, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: members have no id here, and two may share a name.
          <li key={index}>
            <strong>{member.name}</strong>
            {member.isSelf ? t.home.self : ""} · {t.home.role[member.role]}
            <span className="plain-quiet">
              {" · "}
              {member.hasJoined ? t.home.joined : t.home.notJoined}
              {member.until === undefined
                ? ""
                : ` · ${fillText(t.home.until, { when: moments.moment(member.until) })}`}
            </span>
          </li>
        ))}
      </ul>
      <p className="plain-quiet">
        {t.home.guests}
        <a href="#/visitors/new">{t.home.guestsLink}</a>
      </p>
      <h3>{t.home.invite}</h3>
      {invitation === undefined ? null : (
        <div className="plain-notice" role="status">
          <p>{fillText(t.home.code, { when: moments.moment(invitation.expiresAt) })}</p>
          <p>
            <strong>{invitation.code}</strong>
          </p>
        </div>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void props.onInvite(name.trim(), role).then((made) => {
            setInvitation(made);
            if (made !== undefined) setName("");
          });
        }}
      >
        <label className="plain-field">
          {t.home.inviteName}
          <input value={name} maxLength={80} required onChange={(event) => setName(event.target.value)} />
        </label>
        <label className="plain-field">
          {t.home.inviteRole}
          <select
            value={role}
            onChange={(event) => setRole(event.target.value === "helper" ? "helper" : "family")}
          >
            <option value="family">{t.home.role.family}</option>
            <option value="helper">{t.home.role.helper}</option>
          </select>
        </label>
        <div className="plain-actions">
          <button type="submit" className="plain-button" disabled={isBusy || name.trim() === ""}>
            {t.home.make}
          </button>
        </div>
      </form>
    </section>
  );
}

function Alias(props: { name: string; isBusy: boolean; onSave: (name: string) => void }) {
  const t = useHouseholdTexts();
  const [name, setName] = useState(props.name);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        props.onSave(name.trim());
      }}
    >
      <label className="plain-field">
        {t.home.alias}
        <input value={name} maxLength={80} required onChange={(event) => setName(event.target.value)} />
      </label>
      <div className="plain-actions">
        <button type="submit" className="plain-button" disabled={props.isBusy || name.trim() === ""}>
          {t.home.save}
        </button>
      </div>
    </form>
  );
}
