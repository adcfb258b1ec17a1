import type { GateWiring, Installation, InstalledDoor } from "@menshen/wire";
import { Button, Checkbox, Form, InputNumber, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "../../api/session.tsx";
import { LockFields } from "./lock-fields.tsx";
import { useWiring } from "./use-installation.ts";

type WiredPortal = GateWiring["portals"][number];
type WiredInput = NonNullable<WiredPortal["contact"]>;
const INPUTS = ["contact", "exitButton", "passage", "fireInput"] as const;
const TITLES = { contact: "contact", exitButton: "exit", passage: "passage", fireInput: "fire" } as const;

/** Where lock, contact, exit button and fire signal of each door end. */
export function WiresStep({ installation }: { installation: Installation }) {
  const { t } = useTranslation("installer");
  return (
    <>
      <p className="quiet">{t("wires.help")}</p>
      {installation.doors.map((door) => (
        <DoorWires
          key={`${door.portalId} ${installation.wiringRevision}`}
          door={door}
          installation={installation}
        />
      ))}
    </>
  );
}

function DoorWires(props: { door: InstalledDoor; installation: Installation }) {
  const { t } = useTranslation("installer");
  const { door, installation } = props;
  const { wiring, readers } = installation;
  const mayWrite = useMay("gates.write");
  const save = useWiring(installation, t("wires.saved"));
  const onLines = readers.filter(({ readerId }) =>
    wiring.readers.some((reader) => reader.readerId === readerId),
  );
  const stored = wiring.portals.find(({ portalId }) => portalId === door.portalId);
  const unit = onLines.find(({ kind }) => kind === "io") ?? onLines[0];
  const [draft, setDraft] = useState<WiredPortal | undefined>();
  const [isOpen, setIsOpen] = useState(false);
  if (unit === undefined) return <p className="quiet">{t("devices.notOnLine")}</p>;
  const fresh: WiredPortal = { portalId: door.portalId, lock: { readerId: unit.readerId, output: 0 } };
  const now = draft ?? stored ?? fresh;
  const nameOf = (id: string) => readers.find(({ readerId }) => readerId === id)?.name ?? "–";
  const options = onLines.map((reader) => ({ value: reader.readerId, label: reader.name }));
  const setInput = (key: (typeof INPUTS)[number], input: WiredInput | undefined) => {
    const { [key]: _, ...others } = now;
    setDraft(input === undefined ? others : { ...others, [key]: input });
  };
  if (stored !== undefined && !isOpen) {
    return (
      <p className="install__wired">
        <strong>{door.name}</strong>{" "}
        {"units" in stored.lock
          ? t("wires.liftSummary", {
              units: stored.lock.units.map(({ readerId }) => nameOf(readerId)).join(", "),
              count: stored.lock.units.reduce((sum, { outputs }) => sum + outputs, 0),
            })
          : t("wires.summary", { unit: nameOf(stored.lock.readerId), output: stored.lock.output })}{" "}
        {mayWrite ? (
          <Button size="small" onClick={() => setIsOpen(true)}>
            {t("step.wires")}
          </Button>
        ) : null}
      </p>
    );
  }
  return (
    <Form layout="vertical" className="install__door" disabled={!mayWrite}>
      <h3>{door.name}</h3>
      <LockFields
        id={door.portalId}
        lock={now.lock}
        first={unit.readerId}
        options={options}
        isReader={(id) => readers.some(({ readerId, kind }) => readerId === id && kind === "osdp")}
        onChange={(lock) => setDraft({ ...now, lock })}
      />
      {INPUTS.map((key) => (
        <InputFields
          key={key}
          id={`${door.portalId}-${key}`}
          title={t(`wires.${TITLES[key]}`)}
          input={now[key]}
          first={{
            readerId: unit.readerId,
            input: freeInput(wiring, now),
            normallyClosed: key === "contact",
          }}
          options={options}
          onChange={(input) => setInput(key, input)}
        />
      ))}
      <Button
        type="primary"
        size="large"
        loading={save.isPending}
        onClick={() =>
          save.mutate(
            {
              ...wiring,
              portals: [...wiring.portals.filter(({ portalId }) => portalId !== door.portalId), now],
            },
            { onSuccess: () => setIsOpen(false) },
          )
        }
      >
        {t("wires.save")}
      </Button>
    </Form>
  );
}

function InputFields(props: {
  id: string;
  title: string;
  input: WiredInput | undefined;
  first: WiredInput;
  options: { value: string; label: string }[];
  onChange: (input: WiredInput | undefined) => void;
}) {
  const { t } = useTranslation("installer");
  const { id, input, onChange } = props;
  return (
    <fieldset className="install__input">
      <legend>{props.title}</legend>
      <div className="install__pair">
        <Select
          size="large"
          aria-label={`${props.title} ${t("wires.unit")}`}
          value={input?.readerId ?? ""}
          options={[{ value: "", label: t("wires.noWire") }, ...props.options]}
          onChange={(readerId) =>
            onChange(readerId === "" ? undefined : { ...(input ?? props.first), readerId })
          }
        />
        {input === undefined ? null : (
          <InputNumber
            size="large"
            aria-label={`${props.title} ${t("wires.input")}`}
            min={0}
            max={255}
            value={input.input}
            onChange={(number) => onChange({ ...input, input: number ?? 0 })}
          />
        )}
      </div>
      {input === undefined ? null : (
        <Checkbox
          id={`${id}-closed`}
          checked={input.normallyClosed}
          onChange={(event) => onChange({ ...input, normallyClosed: event.target.checked })}
        >
          {t("wires.normallyClosed")}
        </Checkbox>
      )}
    </fieldset>
  );
}

/** The lowest input that nothing of this gate ends at. */
function freeInput(wiring: GateWiring, draft: WiredPortal): number {
  const taken = new Set(
    [...wiring.portals.filter(({ portalId }) => portalId !== draft.portalId), draft].flatMap((portal) =>
      INPUTS.flatMap((key) => portal[key]?.input ?? []),
    ),
  );
  let free = 0;
  while (taken.has(free)) free += 1;
  return free;
}
