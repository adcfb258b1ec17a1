import { areaText, MOST_PROXIES } from "@menshen/domain";
import { type BodyOf, type Motion, type MotionHead, motionEndpoints, personEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useViewKey } from "../../api/view-reason.ts";
import { ExactMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { ResidentsData } from "../../components/residents-data.tsx";

const SHOWN = 20;

/** Proxies of one motion. Whoever registers one looks at names, and says why. */
export function ProxiesPage() {
  const { t: text } = useTranslation("votes");
  const { id = "" } = useParams();
  const read = useQuery({
    queryKey: [motionEndpoints.get.id, id],
    queryFn: ({ signal }) => call(motionEndpoints.get, { params: { id }, signal }),
  });
  if (read.isPending) return <Loading />;
  if (read.isError) return <Failed error={read.error} onRetry={() => void read.refetch()} />;
  const { motion, heads } = read.data;
  return (
    <ResidentsData title={text("proxies.title")} lead={motion.title}>
      <p>
        <Link to={`/votes/${id}`}>{text("proxies.back")}</Link>
      </p>
      <PageHead title={text("proxies.title")} lead={motion.title} />
      <Proxies motion={motion} heads={heads} />
    </ResidentsData>
  );
}

/** Who may vote for an owner, by a written authority that lies before whoever enters it. */
function Proxies(props: { motion: Motion; heads: readonly MotionHead[] }) {
  const { t: text } = useTranslation("votes");
  const id = useId();
  const viewKey = useViewKey();
  const { motion, heads } = props;
  const [number, setNumber] = useState<number>();
  const [personId, setPersonId] = useState<string>();
  const [documentNumber, setDocumentNumber] = useState("");
  const [wanted, setWanted] = useState("");
  const [said, setSaid] = useState("");
  const people = useQuery({
    queryKey: [personEndpoints.list.id, "proxy", wanted, viewKey],
    queryFn: ({ signal }) =>
      call(personEndpoints.list, {
        query: { limit: SHOWN, ...(wanted === "" ? {} : { text: wanted }) },
        signal,
      }),
  });
  const save = useChange(
    ({ head, body }: { head: number; body: BodyOf<typeof motionEndpoints.putProxy> }) =>
      call(motionEndpoints.putProxy, { params: { id: motion.id, number: head }, body }),
    {
      onDone: () => {
        setSaid(text("proxies.saved"));
        setNumber(undefined);
        setPersonId(undefined);
        setDocumentNumber("");
      },
    },
  );
  const name = (head: MotionHead) => `${head.dwellingNames.join("、")}（${areaText(head.areaDm2)} m²）`;
  const registered = heads.filter(({ proxy }) => proxy);
  const isComplete = number !== undefined && personId !== undefined && documentNumber.trim() !== "";
  return (
    <section aria-label={text("proxies.title")}>
      <p className="quiet">
        {text("proxies.help", { most: MOST_PROXIES })} {text("proxies.until")}{" "}
        <ExactMoment epochMs={motion.closesAt} />
      </p>
      <form
        className="intake"
        onSubmit={(event) => {
          event.preventDefault();
          if (number === undefined || personId === undefined || !isComplete) return;
          setSaid("");
          save.mutate({ head: number, body: { personId, documentNumber: documentNumber.trim() } });
        }}
      >
        <div className="intake__pair">
          <div className="form-field">
            <label htmlFor={`${id}-head`}>{text("proxies.head")}</label>
            <Select
              id={`${id}-head`}
              showSearch
              optionFilterProp="label"
              value={number ?? null}
              onChange={setNumber}
              options={heads
                .filter(({ state }) => state !== "voted")
                .map((head) => ({ value: head.number, label: name(head) }))}
            />
          </div>
          <div className="form-field">
            <label htmlFor={`${id}-person`}>{text("proxies.person")}</label>
            <Select
              id={`${id}-person`}
              showSearch
              filterOption={false}
              onSearch={setWanted}
              value={personId ?? null}
              onChange={setPersonId}
              options={(people.data?.items ?? []).map((person) => ({
                value: person.id,
                label: person.displayName,
              }))}
            />
          </div>
        </div>
        <div className="form-field">
          <label htmlFor={`${id}-document`}>{text("proxies.documentNumber")}</label>
          <Input
            id={`${id}-document`}
            maxLength={80}
            value={documentNumber}
            aria-describedby={`${id}-document-help`}
            onChange={(event) => setDocumentNumber(event.target.value)}
          />
          <p className="quiet" id={`${id}-document-help`}>
            {text("proxies.documentHelp")}
          </p>
        </div>
        <span className="actions">
          <Button type="primary" htmlType="submit" loading={save.isPending} disabled={!isComplete}>
            {text("proxies.save")}
          </Button>
          <span role="status">{said}</span>
        </span>
      </form>
      {registered.length === 0 ? null : (
        <>
          <h2>{text("proxies.registered")}</h2>
          <ul className="plain-list">
            {registered.map((head) => (
              <li key={head.number}>
                <span>{name(head)}</span>
                <span className="quiet">{text(`state.${head.state}`)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
