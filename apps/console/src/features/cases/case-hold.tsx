import { type CaseDetail, caseEndpoints, openingEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call } from "../../api/client.ts";
import { useMay } from "../../api/session.tsx";
import { useNow } from "../../components/moments.tsx";
import { Failed } from "../../components/page-states.tsx";
import { useMomentText } from "../openings/moment-text.ts";
import { useDocumentName } from "../openings/opening-state.tsx";
import { isInForce } from "./hold-in-force.ts";
import { useCaseChange } from "./use-case-change.ts";

/** Puts a case's evidence under a hold: chosen by whoever may see them, named by its number by whoever may not. */
export function CaseHold({ found }: { found: CaseDetail }) {
  const { t: text } = useTranslation("cases");
  const id = useId();
  const change = useCaseChange();
  const mayRead = useMay("openings.read");
  const [openingId, setOpeningId] = useState("");
  return (
    <div className="form-field">
      <h3>{text("hold")}</h3>
      {found.holdId === undefined ? null : (
        <p>
          <Link to={`/openings/${found.holdId}`}>{text("held")}</Link>
        </p>
      )}
      <p className="quiet">{text("holdHelp")}</p>
      {mayRead ? (
        <HoldChoice id={id} onChoose={setOpeningId} />
      ) : (
        <>
          <label htmlFor={id}>{text("holdId")}</label>
          <Input
            id={id}
            aria-describedby={`${id}-why`}
            value={openingId}
            onChange={(event) => setOpeningId(event.target.value.trim())}
          />
          <p id={`${id}-why`} className="quiet">
            {text("holdUnread")}
          </p>
        </>
      )}
      <span className="actions">
        <Button
          disabled={openingId === ""}
          loading={change.isPending}
          onClick={() =>
            change.mutate(() => call(caseEndpoints.hold, { params: { id: found.id }, body: { openingId } }))
          }
        >
          {text("hold")}
        </Button>
      </span>
    </div>
  );
}

function HoldChoice(props: { id: string; onChoose: (openingId: string) => void }) {
  const { t: text } = useTranslation("cases");
  const { t: openings } = useTranslation("openings");
  const documentName = useDocumentName();
  const moment = useMomentText();
  const read = useQuery({
    queryKey: [openingEndpoints.list.id],
    queryFn: ({ signal }) => call(openingEndpoints.list, { signal }),
  });
  const now = useNow(60_000);
  const holds = read.data?.items.filter((opening) => isInForce(opening, now)) ?? [];
  if (read.isError) return <Failed error={read.error} onRetry={() => void read.refetch()} />;
  if (read.isSuccess && holds.length === 0) {
    return (
      <p>
        {text("holdNone")} <Link to="/openings">{openings("title")}</Link>
      </p>
    );
  }
  return (
    <>
      <label htmlFor={props.id}>{text("holdNamed")}</label>
      <Select
        id={props.id}
        className="case-hold"
        classNames={{ popup: { root: "case-hold-list" } }}
        placeholder={text("holdChoose")}
        loading={read.isPending}
        onChange={props.onChoose}
        options={holds.map((hold) => ({
          value: hold.id,
          label: `${hold.authority} ${documentName(hold)} · ${openings("heldUntil", { time: moment(hold.holdUntil ?? 0) })}`,
        }))}
      />
    </>
  );
}
