import { type Session, sessionEndpoints } from "@menshen/wire";
import { startAuthentication } from "@simplewebauthn/browser";
import { Alert, Button } from "antd";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { ApiError, call } from "../../api/client.ts";
import { useAdoptSession } from "../../api/session.tsx";
import { LanguageSwitch } from "../../layout/language-switch.tsx";

/** The code of a one-time link: it stands behind the `#`, so that it reaches no server log. */
function codeOfLink(): string | undefined {
  return new URLSearchParams(location.hash.slice(1)).get("code") ?? undefined;
}

export function SignInPage(props: { session: Extract<Session, { signedIn: false }> }) {
  const { t } = useTranslation();
  const adopt = useAdoptSession();
  const navigate = useNavigate();
  const [failure, setFailure] = useState<"code" | "passkey" | "unreachable" | "rate">();
  const [isBusy, setIsBusy] = useState(false);
  const usedCode = useRef<string>(undefined);

  const signInWithCode = useCallback(
    async (code: string) => {
      setIsBusy(true);
      try {
        adopt(await call(sessionEndpoints.signInWithCode, { body: { code } }));
      } catch (error) {
        const problem = error instanceof ApiError ? error.code : "unreachable";
        setFailure(problem === "unreachable" ? "unreachable" : problem === "rate-limited" ? "rate" : "code");
      } finally {
        // A one-time code is of no more use, and does not stay in the address bar.
        void navigate("/", { replace: true });
        setIsBusy(false);
      }
    },
    [adopt, navigate],
  );

  useEffect(() => {
    const code = codeOfLink();
    if (code === undefined || usedCode.current === code) return;
    usedCode.current = code;
    void signInWithCode(code);
  }, [signInWithCode]);

  const signInWithPasskey = async () => {
    setIsBusy(true);
    setFailure(undefined);
    try {
      const { challengeId, options } = await call(sessionEndpoints.passkeyOptions, {});
      const response = await startAuthentication({
        optionsJSON: options as unknown as Parameters<typeof startAuthentication>[0]["optionsJSON"],
      });
      adopt(
        await call(sessionEndpoints.signInWithPasskey, {
          body: { challengeId, response: response as unknown as Record<string, unknown> },
        }),
      );
    } catch (error) {
      setFailure(error instanceof ApiError && error.code === "unreachable" ? "unreachable" : "passkey");
    } finally {
      setIsBusy(false);
    }
  };

  return (
    <main className="sign-in">
      <div className="sign-in__card">
        <img src="/seal.svg" alt="" width="56" height="56" />
        <h1>{props.session.community.name}</h1>
        <p className="sign-in__lead">{t("signIn.lead")}</p>
        {failure === undefined ? null : (
          <Alert
            type={failure === "unreachable" ? "error" : "warning"}
            title={t(`signIn.failed.${failure}`)}
            showIcon
          />
        )}
        <Button type="primary" size="large" block loading={isBusy} onClick={() => void signInWithPasskey()}>
          {t("signIn.passkey")}
        </Button>
        <p className="sign-in__help">{props.session.setUp ? t("signIn.setUp") : t("signIn.noPasskey")}</p>
        <LanguageSwitch />
      </div>
    </main>
  );
}
