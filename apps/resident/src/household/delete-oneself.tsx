import { deletionTexts, ownDeletionEndpoints } from "@menshen/wire";
import { useState } from "react";
import { call } from "../api/client.ts";
import { signOnce } from "../api/session.ts";
import { useOwned } from "../device/device-context.tsx";
import { eraseDevice } from "../device/device-store.ts";
import { Problem } from "../layout/notices.tsx";
import { useDoing } from "./use-doing.ts";
import { useHouseholdTexts } from "./use-household-texts.ts";

/** Deleting oneself at once. It cannot be undone, so the name is typed; then the page shows who has let go already. */
export function DeleteOneself(props: { name: string }) {
  const t = useHouseholdTexts().deletion;
  const doing = useDoing(() => undefined);
  const [typed, setTyped] = useState("");
  const { store, owner } = useOwned();
  const { failure } = doing;
  return (
    <section aria-label={t.title}>
      <h2>{t.title}</h2>
      <p>{t.lead}</p>
      {failure === undefined ? null : <Problem code={failure} onRetry={() => setTyped("")} />}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          doing.run(async () => {
            const signed = await signOnce(owner, (challenge) =>
              deletionTexts.ask(owner.communityId, challenge),
            );
            const { code } = await call(ownDeletionEndpoints.ask, {
              body: { displayName: typed.trim(), ...signed },
            });
            // The key on this device opens nothing any more; what it kept is about somebody who is deleted.
            store.close();
            await eraseDevice();
            location.hash = `#/deletion/${code}`;
            location.reload();
          });
        }}
      >
        <label className="plain-field">
          {t.name}
          <input
            value={typed}
            maxLength={80}
            autoComplete="off"
            required
            onChange={(event) => setTyped(event.target.value)}
          />
        </label>
        <div className="plain-actions">
          <button
            type="submit"
            className="plain-button"
            disabled={doing.isBusy || typed.trim() !== props.name}
          >
            {t.confirm}
          </button>
        </div>
      </form>
    </section>
  );
}
