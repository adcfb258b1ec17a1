import { tidyCrockford } from "@menshen/domain";
import { useState } from "react";
import { ApiError } from "../api/client.ts";
import { join } from "../api/session.ts";
import { useDevice } from "../device/device-context.tsx";
import { makeSeed, residentKeyOf } from "../device/resident-key.ts";
import { useTexts } from "../i18n/texts.ts";
import { Problem } from "../layout/notices.tsx";
import { goTo } from "../layout/use-page.ts";

const CODE_CHARACTERS = 16;

/** Joins with an invitation: makes the key here and registers its public part. */
export function JoinPage(props: { code: string | undefined }) {
  const t = useTexts();
  const { store, community, isAsking, owner: before, setOwner } = useDevice();
  const [code, setCode] = useState(props.code ?? "");
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const tidy = tidyCrockford(code);

  async function submit() {
    if (tidy === undefined || community === undefined) return;
    setIsBusy(true);
    setFailure(undefined);
    const seed = makeSeed();
    const owner = { communityId: community.id, seed, isPending: true, hasConfirmedCode: false };
    try {
      // Before the server has it: a key that is registered and lost is worse than one that is kept for nothing.
      await store.keepOwner(owner);
      await join(community.id, residentKeyOf(seed), tidy);
      const joined = { ...owner, isPending: false };
      await store.keepOwner(joined);
      setOwner(joined);
      goTo("code");
    } catch (error) {
      const problem = error instanceof ApiError ? error.code : "device";
      // No answer may mean that the server took it: then the next start asks.
      if (before !== undefined) await store.keepOwner(before);
      else if (problem !== "unreachable") await store.dropOwner();
      setFailure(problem);
      setIsBusy(false);
    }
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <p>{t.join.why}</p>
      <div className="plain-field">
        <label htmlFor="join-code">{t.join.code}</label>
        <input
          id="join-code"
          className="plain-mono"
          value={code}
          onChange={(event) => setCode(event.target.value)}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          aria-describedby="join-code-help"
        />
        <span id="join-code-help" className="plain-quiet">
          {t.join.codeHelp}
        </span>
      </div>
      <p className="plain-quiet">{t.join.replaces}</p>
      {community === undefined && !isAsking ? <Problem code="unreachable" /> : null}
      {failure === undefined ? null : <Problem code={failure} />}
      <div className="plain-actions">
        <button
          type="submit"
          className="plain-button plain-button--main"
          disabled={isBusy || community === undefined || tidy?.length !== CODE_CHARACTERS}
        >
          {t.join.submit}
        </button>
      </div>
    </form>
  );
}
