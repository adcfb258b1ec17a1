import { areaText, MOST_PROXIES } from "@menshen/domain";
import { type BodyOf, type Motion, type MotionHead, motionEndpoints, personEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useViewKey } from "../../api/view-reason.ts";
import { ExactMoment } from "../../components/moments.tsx";

const SHOWN = 20;

/** Who may vote for an owner, by a written authority that lies before whoever enters it. */
export function Proxies(props: { motion: Motion; heads: readonly MotionHead[] }) {
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
    <section className="section" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{text("proxies.title")}</h2>
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
          <h3>{text("proxies.registered")}</h3>
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
