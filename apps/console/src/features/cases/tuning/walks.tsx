import type { DetectionSettings } from "@menshen/wire";
import { Button, InputNumber, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useDoorNames } from "../../openings/door-names.ts";

type Walk = DetectionSettings["walks"][number];

/** Measured walks between doors, by which copies of mere numbers are found. */
export function Walks(props: {
  walks: readonly Walk[];
  mayChange: boolean;
  onChange: (walks: readonly Walk[]) => void;
}) {
  const { t: text } = useTranslation("tuning");
  const { nameOf } = useDoorNames();
  const { mayChange, onChange, walks } = props;
  return (
    <section className="section" aria-labelledby="walks">
      <h2 id="walks">{text("walks")}</h2>
      <p className="quiet">{text("walksHelp")}</p>
      {walks.length === 0 ? <p>{text("noWalks")}</p> : null}
      <ul className="plain-list tuning-walks">
        {walks.map((walk) => (
          <li key={`${walk.a} ${walk.b}`}>
            <span>
              {nameOf(walk.a) ?? "–"} ↔ {nameOf(walk.b) ?? "–"}
              <span className="quiet"> · {text("walkLine", { seconds: walk.seconds })}</span>
            </span>
            {mayChange ? (
              <Button onClick={() => onChange(walks.filter((one) => one !== walk))}>
                {text("walkRemove")}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      {mayChange ? (
        <NewWalk
          onAdd={(added) =>
            onChange([...walks.filter(({ a, b }) => !(a === added.a && b === added.b)), added])
          }
        />
      ) : null}
    </section>
  );
}

function NewWalk(props: { onAdd: (walk: Walk) => void }) {
  const { t: text } = useTranslation("tuning");
  const id = useId();
  const { all } = useDoorNames();
  const [from, setFrom] = useState<string>();
  const [to, setTo] = useState<string>();
  const [seconds, setSeconds] = useState<number | null>(null);
  const options = all.map((door) => ({ value: door.id, label: door.name }));
  return (
    <div className="tuning-walk">
      <label htmlFor={`${id}-from`}>{text("walkFrom")}</label>
      <Select
        id={`${id}-from`}
        showSearch={{ optionFilterProp: "label" }}
        options={options}
        value={from ?? null}
        onChange={(value) => setFrom(value ?? undefined)}
      />
      <label htmlFor={`${id}-to`}>{text("walkTo")}</label>
      <Select
        id={`${id}-to`}
        showSearch={{ optionFilterProp: "label" }}
        options={options}
        value={to ?? null}
        onChange={(value) => setTo(value ?? undefined)}
      />
      <label htmlFor={`${id}-seconds`}>{text("walkSeconds")}</label>
      <InputNumber<number>
        id={`${id}-seconds`}
        min={1}
        max={7_200}
        precision={0}
        value={seconds}
        onChange={setSeconds}
      />
      <Button
        disabled={from === undefined || to === undefined || seconds === null || from === to}
        onClick={() => {
          if (from === undefined || to === undefined || seconds === null) return;
          // As the server orders them, so that the same walk is not there twice.
          props.onAdd(from < to ? { a: from, b: to, seconds } : { a: to, b: from, seconds });
          setSeconds(null);
        }}
      >
        {text("walkAdd")}
      </Button>
    </div>
  );
}
