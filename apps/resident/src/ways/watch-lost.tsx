import { type OwnWay, residentCaseEndpoints } from "@menshen/wire";
import { useState } from "react";
import { useMe } from "../api/answers.ts";
import { ApiError, call } from "../api/client.ts";
import { withSession } from "../api/session.ts";
import { tapOf } from "../cards-asked/own-cases.ts";
import { useOwned } from "../device/device-context.tsx";
import { useTexts } from "../i18n/texts.ts";
import { AskTwice } from "../layout/ask-twice.tsx";
import { Problem } from "../layout/notices.tsx";
import { useEntries } from "../trail/use-entries.ts";

/**
 * Has uses of a lost card told, if the holder wants it: the server does not know which entries are a card's, so this device
 * names one of them. Nothing where it knows none, or cannot tell two cards apart.
 */
export function WatchLost(props: { way: OwnWay }) {
  const t = useTexts();
  const { owner } = useOwned();
  const me = useMe();
  const { entries = [] } = useEntries();
  const [state, setState] = useState<"open" | "busy" | "sent">("open");
  const [failure, setFailure] = useState<string>();
  const { kind, label } = props.way;
  const cards = me.value?.credentials.filter((card) => card.kind === kind && card.label === label) ?? [];
  const [card] = cards;
  if (card === undefined || cards.length > 1) return null;
  const newest = entries
    .filter(({ keyStart }) => keyStart === card.keyStart)
    .toSorted((one, other) => other.at - one.at)[0];
  const tap = newest && tapOf(newest)[0];
  if (tap === undefined) return null;
  if (state === "sent") return <p role="status">{t.ways.watched}</p>;
  const send = async () => {
    setState("busy");
    setFailure(undefined);
    try {
      await withSession(owner, () => call(residentCaseEndpoints.lost, { body: { tap } }));
      setState("sent");
    } catch (error) {
      setFailure(error instanceof ApiError ? error.code : "device");
      setState("open");
    }
  };
  return (
    <>
      {failure === undefined ? null : <Problem code={failure} />}
      <AskTwice
        label={t.ways.watch}
        confirm={t.ways.watchConfirm}
        help={t.ways.watchHelp}
        isBusy={state === "busy"}
        onConfirm={() => void send()}
      />
    </>
  );
}
