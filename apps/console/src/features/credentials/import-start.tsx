import { type CardListPreview, cardListEndpoints } from "@menshen/wire";
import { Button, Input } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useSignedIn } from "../../api/session.tsx";
import { localDateTimeToEpochMs } from "../../components/local-time.ts";
import { useNow } from "../../components/moments.tsx";
import type { ListChoices } from "./import-choices.ts";
import { useLegacyUntil } from "./use-legacy-until.ts";

/** The one thing to do with a list that reads well: import it, until a date. */
export function ImportStart(props: {
  file: string;
  choices: ListChoices;
  preview: CardListPreview;
  onStarted: () => void;
}) {
  const { t } = useTranslation("cards");
  const { timeZone } = useSignedIn().community;
  const latest = useLegacyUntil();
  const [day, setDay] = useState<string>();
  const untilId = useId();
  const now = useNow(60_000);
  const start = useChange(
    (until: number) => call(cardListEndpoints.start, { body: { file: props.file, ...props.choices, until } }),
    { doneText: t("import.started"), onDone: props.onStarted },
  );
  const { counts, ambiguous } = props.preview;
  if (counts.import === 0 || ambiguous.digits || ambiguous.byteOrder || latest === undefined) return null;
  const chosen = day ?? latest.day;
  const until = chosen === latest.day ? latest.epochMs : localDateTimeToEpochMs(`${chosen}T00:00`, timeZone);
  const isReady = until !== undefined && until <= latest.epochMs && until > now;
  return (
    <div className="import-act">
      <label htmlFor={untilId}>
        {t("import.until")}
        <Input
          id={untilId}
          type="date"
          max={latest.day}
          value={chosen}
          onChange={(event) => setDay(event.target.value)}
        />
        <span className="quiet">{t("import.untilHelp", { day: latest.day })}</span>
      </label>
      <Button
        type="primary"
        disabled={!isReady}
        loading={start.isPending}
        onClick={() => {
          if (until !== undefined) start.mutate(until);
        }}
      >
        {t("import.start", { count: counts.import })}
      </Button>
    </div>
  );
}
