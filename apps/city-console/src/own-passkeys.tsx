import { officerPasskeyEndpoints } from "@menshen/wire";
import { useId, useState } from "react";
import { call, useReading } from "./api.ts";
import { registerPasskey } from "./passkeys.ts";
import { ReadingState } from "./reading-state.tsx";
import { useTexts } from "./texts.ts";
import { useAct } from "./use-act.ts";

/** One's own passkeys: with one, nobody's link is needed any more. */
export function OwnPasskeys() {
  const t = useTexts();
  const id = useId();
  const reading = useReading("passkeys", () => call(officerPasskeyEndpoints.list));
  const { act, isBusy, fault } = useAct();
  const [name, setName] = useState<string>();
  const items = reading.value?.items ?? [];
  return (
    <section aria-labelledby={`${id}-heading`}>
      <h2 id={`${id}-heading`}>{t.passkeys.title}</h2>
      <p>{reading.value !== undefined && items.length === 0 ? t.passkeys.none : t.passkeys.lead}</p>
      <ReadingState reading={reading} />
      <ul className="plain-list">
        {items.map((one) => (
          <li key={one.id}>
            <div className="city-line">
              <span>
                <strong>{one.name}</strong>
                <br />
                <span className="plain-quiet">
                  {one.lastUsedAt === undefined
                    ? t.passkeys.made(dayOf(one.createdAt))
                    : t.passkeys.used(dayOf(one.lastUsedAt))}
                </span>
              </span>
              <span className="plain-actions">
                <button
                  type="button"
                  className="plain-link"
                  aria-label={`${t.passkeys.remove}: ${one.name}`}
                  disabled={isBusy}
                  onClick={() =>
                    act(() =>
                      call(officerPasskeyEndpoints.remove, { params: { id: one.id } }).then(reading.again),
                    )
                  }
                >
                  {t.passkeys.remove}
                </button>
              </span>
            </div>
          </li>
        ))}
      </ul>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const chosen = (name ?? t.passkeys.thisDevice).trim();
          if (chosen === "") return;
          act(() =>
            registerPasskey(chosen).then(() => {
              setName(undefined);
              reading.again();
            }),
          );
        }}
      >
        <div className="plain-field">
          <label htmlFor={id}>{t.passkeys.name}</label>
          <input
            id={id}
            maxLength={80}
            value={name ?? t.passkeys.thisDevice}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
        <div className="plain-actions">
          <button type="submit" className="plain-button" disabled={isBusy}>
            {t.passkeys.add}
          </button>
        </div>
        <p role="alert">{fault}</p>
      </form>
    </section>
  );
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
