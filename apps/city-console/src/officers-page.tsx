import { type CityOfficer, citySessionEndpoints } from "@menshen/wire";
import { useState } from "react";
import { call, useReading } from "./api.ts";
import { NameForm } from "./name-form.tsx";
import { OwnPasskeys } from "./own-passkeys.tsx";
import { ReadingState } from "./reading-state.tsx";
import { useTexts } from "./texts.ts";
import { useAct } from "./use-act.ts";

/** Who may sign in here, and links for them. */
export function OfficersPage(props: { ownId: string }) {
  const t = useTexts();
  const reading = useReading("officers", () => call(citySessionEndpoints.officers));
  const { act, isBusy, fault } = useAct();
  const [name, setName] = useState("");
  const [given, setGiven] = useState<{ readonly id: string; readonly link: string }>();
  const give = (answer: { readonly officer: CityOfficer; readonly link: string }) => {
    setGiven({ id: answer.officer.id, link: answer.link });
    reading.again();
  };
  return (
    <>
      <h1>{t.officers}</h1>
      <p>{t.people.lead}</p>
      <ReadingState reading={reading} />
      <ul className="plain-list">
        {reading.value?.items.map((one) => (
          <li key={one.id}>
            <div className="city-line">
              <span>
                <strong>{one.name}</strong>{" "}
                <span className="plain-quiet">
                  {one.removedAt !== undefined
                    ? t.people.removed
                    : one.id === props.ownId
                      ? t.people.me
                      : null}
                </span>
              </span>
              {one.removedAt === undefined ? (
                <span className="plain-actions">
                  <button
                    type="button"
                    className="plain-link"
                    aria-label={`${t.people.renew}: ${one.name}`}
                    disabled={isBusy}
                    onClick={() =>
                      act(() => call(citySessionEndpoints.renewLink, { params: { id: one.id } }).then(give))
                    }
                  >
                    {t.people.renew}
                  </button>
                  {one.id === props.ownId ? null : (
                    <button
                      type="button"
                      className="plain-link"
                      aria-label={`${t.people.remove}: ${one.name}`}
                      disabled={isBusy}
                      onClick={() =>
                        act(() =>
                          call(citySessionEndpoints.removeOfficer, { params: { id: one.id } }).then(
                            reading.again,
                          ),
                        )
                      }
                    >
                      {t.people.remove}
                    </button>
                  )}
                </span>
              ) : null}
            </div>
            {given?.id === one.id ? (
              <div role="status">
                <p>{t.people.link}</p>
                <code className="city-code">{given.link}</code>
              </div>
            ) : null}
          </li>
        ))}
      </ul>
      <NameForm
        label={t.people.name}
        action={t.people.add}
        isBusy={isBusy}
        fault={fault}
        name={name}
        onName={setName}
        onSubmit={(chosen) =>
          act(() =>
            call(citySessionEndpoints.addOfficer, { body: { name: chosen } }).then((answer) => {
              setName("");
              give(answer);
            }),
          )
        }
      />
      <OwnPasskeys />
    </>
  );
}
