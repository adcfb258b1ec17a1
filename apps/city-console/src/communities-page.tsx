import { type CityCommunity, cityCommunityEndpoints, cityIssuerEndpoints } from "@menshen/wire";
import { useId, useState } from "react";
import { call, useReading } from "./api.ts";
import { dayOf } from "./day-of.ts";
import { NameForm } from "./name-form.tsx";
import { ReadingState } from "./reading-state.tsx";
import { useTexts } from "./texts.ts";
import { useAct } from "./use-act.ts";

/** Communities that may report, and issuers that they may name. */
export function CommunitiesPage() {
  const t = useTexts();
  const reading = useReading("communities", () => call(cityCommunityEndpoints.list));
  const { act, isBusy, fault } = useAct();
  const [name, setName] = useState("");
  const [given, setGiven] = useState<{ readonly id: string; readonly code: string }>();
  const give = (answer: { readonly community: CityCommunity; readonly code: string }) => {
    setGiven({ id: answer.community.id, code: answer.code });
    reading.again();
  };
  return (
    <>
      <h1>{t.communities}</h1>
      <p>{t.place.lead}</p>
      <ReadingState reading={reading} />
      {reading.value?.items.length === 0 ? <p className="plain-notice">{t.place.none}</p> : null}
      <ul className="plain-list">
        {reading.value?.items.map((one) => (
          <li key={one.id}>
            <div className="city-line">
              <span>
                <strong>{one.name}</strong>
                <br />
                <span className="plain-quiet">
                  {one.removedAt !== undefined
                    ? t.place.removed
                    : one.enrolledAt === undefined
                      ? t.place.waiting
                      : t.place.enrolled(dayOf(one.enrolledAt))}
                </span>
              </span>
              <span className="plain-actions">
                {one.removedAt === undefined ? (
                  <button
                    type="button"
                    className="plain-link"
                    aria-label={`${t.place.renew}: ${one.name}`}
                    disabled={isBusy}
                    onClick={() =>
                      act(() => call(cityCommunityEndpoints.renewCode, { params: { id: one.id } }).then(give))
                    }
                  >
                    {t.place.renew}
                  </button>
                ) : null}
                <button
                  type="button"
                  className="plain-link"
                  aria-label={`${one.removedAt === undefined ? t.place.remove : t.place.restore}: ${one.name}`}
                  disabled={isBusy}
                  onClick={() =>
                    act(() =>
                      call(
                        one.removedAt === undefined
                          ? cityCommunityEndpoints.remove
                          : cityCommunityEndpoints.restore,
                        { params: { id: one.id } },
                      ).then(reading.again),
                    )
                  }
                >
                  {one.removedAt === undefined ? t.place.remove : t.place.restore}
                </button>
              </span>
            </div>
            {given?.id === one.id ? (
              <div role="status">
                <p>{t.place.code}</p>
                <code className="city-code">{given.code}</code>
              </div>
            ) : null}
          </li>
        ))}
      </ul>
      <NameForm
        label={t.place.name}
        action={t.place.add}
        isBusy={isBusy}
        fault={fault}
        name={name}
        onName={setName}
        onSubmit={(chosen) =>
          act(() =>
            call(cityCommunityEndpoints.add, { body: { name: chosen } }).then((answer) => {
              setName("");
              give(answer);
            }),
          )
        }
      />
      <Issuers />
    </>
  );
}

function Issuers() {
  const t = useTexts();
  const id = useId();
  const reading = useReading("issuers", () => call(cityIssuerEndpoints.list));
  const { act, isBusy, fault } = useAct();
  const [code, setCode] = useState("");
  const [name, setName] = useState("");
  return (
    <>
      <h2>{t.place.issuers}</h2>
      <p>{t.place.issuersLead}</p>
      <ReadingState reading={reading} />
      <ul className="plain-list">
        {reading.value?.items.map((issuer) => (
          <li key={issuer.code}>
            {issuer.name} <span className="plain-quiet">{issuer.code}</span>
          </li>
        ))}
      </ul>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (code.trim() === "" || name.trim() === "") return;
          const body = { code: code.trim(), name: name.trim() };
          act(() =>
            call(cityIssuerEndpoints.add, { body }).then(() => {
              setCode("");
              setName("");
              reading.again();
            }),
          );
        }}
      >
        <div className="plain-field">
          <label htmlFor={`${id}-name`}>{t.place.issuerName}</label>
          <input
            id={`${id}-name`}
            maxLength={80}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
        <div className="plain-field">
          <label htmlFor={`${id}-code`}>{t.place.code2}</label>
          <input
            id={`${id}-code`}
            maxLength={24}
            value={code}
            onChange={(event) => setCode(event.target.value)}
          />
        </div>
        <div className="plain-actions">
          <button type="submit" className="plain-button" disabled={isBusy}>
            {t.place.addIssuer}
          </button>
        </div>
        <p role="alert">{fault}</p>
      </form>
    </>
  );
}
