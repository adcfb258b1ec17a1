import { officerPasskeyEndpoints } from "@menshen/wire";
import { useId, useState } from "react";
import { call, useReading } from "./api.ts";
import { dayOf } from "./day-of.ts";
import { NameForm } from "./name-form.tsx";
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
      <NameForm
        label={t.passkeys.name}
        action={t.passkeys.add}
        isBusy={isBusy}
        fault={fault}
        name={name ?? t.passkeys.thisDevice}
        onName={setName}
        onSubmit={(chosen) =>
          act(() =>
            registerPasskey(chosen).then(() => {
              setName(undefined);
              reading.again();
            }),
          )
        }
      />
    </section>
  );
}
