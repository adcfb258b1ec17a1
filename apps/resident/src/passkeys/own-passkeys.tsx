import { fillText } from "@menshen/ui";
import { residentPasskeyEndpoints } from "@menshen/wire";
import { useState } from "react";
import { ApiError, call } from "../api/client.ts";
import { withSession } from "../api/session.ts";
import { useAnswer } from "../api/use-answer.ts";
import { useOwned } from "../device/device-context.tsx";
import { useTexts } from "../i18n/texts.ts";
import { useMoments } from "../layout/moments.ts";
import { Problem } from "../layout/notices.tsx";
import { hasPasskeys } from "./browser-passkeys.ts";
import { addPasskey, PasskeyError } from "./use-passkey.ts";

const ask = async () => (await call(residentPasskeyEndpoints.list, {})).items;

/** The passkeys that bring everything back on another device: make one, end one. */
export function OwnPasskeys() {
  const t = useTexts();
  const moments = useMoments();
  const { owner } = useOwned();
  const passkeys = useAnswer("passkeys", ask);
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<string>();

  async function tell(what: () => Promise<unknown>) {
    setIsBusy(true);
    setFailure(undefined);
    try {
      await what();
    } catch (error) {
      setFailure(error instanceof ApiError || error instanceof PasskeyError ? error.code : "device");
    }
    setIsBusy(false);
    passkeys.again();
  }

  const newName = () => `${t.passkeys.ofDay} ${moments.day(Date.now())}`;
  return (
    <section className="plain-no-print" aria-labelledby="own-passkeys">
      <h2 id="own-passkeys">{t.passkeys.title}</h2>
      <p>{t.passkeys.lead}</p>
      {failure === undefined ? null : <Problem code={failure} />}
      {passkeys.value === undefined || passkeys.value.length === 0 ? null : (
        <ul className="plain-list">
          {passkeys.value.map((passkey) => (
            <li key={passkey.id} className="other-phone">
              <span>
                {passkey.name}
                <span className="plain-quiet other-phone__since">
                  {passkey.lastUsedAt === undefined
                    ? t.passkeys.unused
                    : fillText(t.passkeys.used, { when: moments.moment(passkey.lastUsedAt) })}
                </span>
              </span>
              <button
                type="button"
                className="plain-link"
                disabled={isBusy}
                onClick={() =>
                  void tell(() =>
                    withSession(owner, () =>
                      call(residentPasskeyEndpoints.remove, { params: { id: passkey.id } }),
                    ),
                  )
                }
              >
                {t.passkeys.remove}
              </button>
            </li>
          ))}
        </ul>
      )}
      {hasPasskeys() ? (
        <div className="plain-actions">
          <button
            type="button"
            className="plain-button"
            disabled={isBusy || passkeys.isOld}
            onClick={() => void tell(() => addPasskey(owner, newName()))}
          >
            {t.passkeys.add}
          </button>
        </div>
      ) : (
        <p className="plain-quiet">{t.passkeys.none}</p>
      )}
    </section>
  );
}
