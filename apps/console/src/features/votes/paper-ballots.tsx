import { areaText, VOTE_CHOICES, type VoteChoice } from "@menshen/domain";
import { type BodyOf, type ChangeReason, type Motion, type MotionHead, motionEndpoints } from "@menshen/wire";
import { Button, Input, Radio, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";

/** Paper ballots: each is read and entered by two persons, who must agree. */
export function PaperBallots(props: { motion: Motion; heads: readonly MotionHead[] }) {
  const { t: text } = useTranslation("votes");
  const id = useId();
  const { motion, heads } = props;
  const [number, setNumber] = useState<number>();
  const [choice, setChoice] = useState<VoteChoice>();
  const [documentNumber, setDocumentNumber] = useState("");
  const [said, setSaid] = useState("");
  const enter = useChange(
    (body: BodyOf<typeof motionEndpoints.enterPaper>) =>
      call(motionEndpoints.enterPaper, { params: { id: motion.id }, body }),
    {
      onDone: ({ state }) => {
        setSaid(text(state === "cast" ? "papers.cast" : "papers.waits"));
        setNumber(undefined);
        setChoice(undefined);
        setDocumentNumber("");
      },
      refusedText: (error) =>
        error instanceof ApiError && error.code === "conflict" ? text("papers.differs") : undefined,
    },
  );
  const drop = useChange(({ head, reason }: { head: number; reason: ChangeReason }) =>
    call(motionEndpoints.dropPaper, { params: { id: motion.id, number: head }, reason }),
  );
  const name = (head: MotionHead) => `${head.dwellingNames.join("、")}（${areaText(head.areaDm2)} m²）`;
  const waiting = heads.filter(({ state }) => state === "waiting");
  const open = heads.filter(({ state }) => state !== "voted");
  return (
    <section className="section" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{text("papers.title")}</h2>
      <p className="quiet">
        {text("papers.help")} {motion.secret === undefined ? null : text("secret.papers")}
      </p>
      <form
        className="intake"
        onSubmit={(event) => {
          event.preventDefault();
          if (number !== undefined && choice !== undefined && documentNumber.trim() !== "") {
            setSaid("");
            enter.mutate({ number, choice, documentNumber: documentNumber.trim() });
          }
        }}
      >
        <div className="intake__pair">
          <div className="form-field">
            <label htmlFor={`${id}-head`}>{text("papers.head")}</label>
            <Select
              id={`${id}-head`}
              showSearch
              optionFilterProp="label"
              value={number ?? null}
              onChange={setNumber}
              options={open.map((head) => ({ value: head.number, label: name(head) }))}
            />
          </div>
          <div className="form-field">
            <label htmlFor={`${id}-document`}>{text("papers.documentNumber")}</label>
            <Input
              id={`${id}-document`}
              maxLength={80}
              value={documentNumber}
              onChange={(event) => setDocumentNumber(event.target.value)}
            />
          </div>
        </div>
        <fieldset className="form-field">
          <legend>{text("papers.choice")}</legend>
          <Radio.Group
            value={choice ?? null}
            onChange={(event) => setChoice(VOTE_CHOICES.find((one) => one === event.target.value))}
            options={VOTE_CHOICES.map((value) => ({ value, label: text(`choiceOf.${value}`) }))}
          />
        </fieldset>
        <span className="actions">
          <Button
            type="primary"
            htmlType="submit"
            loading={enter.isPending}
            disabled={number === undefined || choice === undefined || documentNumber.trim() === ""}
          >
            {text("papers.enter")}
          </Button>
          <span role="status">{said}</span>
        </span>
      </form>
      <ul className="plain-list">
        {waiting.map((head) => (
          <li key={head.number}>
            <span>
              {name(head)} · {text(head.mine === true ? "papers.mine" : "papers.theirs")}
            </span>
            <ReasonButton
              label={text("papers.dropped")}
              isPending={drop.isPending}
              onConfirm={(reason) => drop.mutate({ head: head.number, reason })}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}
