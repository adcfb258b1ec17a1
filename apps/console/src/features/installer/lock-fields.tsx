import type { GateWiring } from "@menshen/wire";
import { Alert, Button, Form, InputNumber, Radio, Select } from "antd";
import { useTranslation } from "react-i18next";

type WiredLock = GateWiring["portals"][number]["lock"];
type Lift = Extract<WiredLock, { units: unknown }>;
const FIRST_RELAYS = 8;

interface LockProps<Lock> {
  readonly id: string;
  readonly lock: Lock;
  /** The unit that is offered first. */
  readonly first: string;
  readonly options: { value: string; label: string }[];
  readonly isReader: (readerId: string) => boolean;
  readonly onChange: (lock: WiredLock) => void;
}

/** What a door's relay, or a lift's relays, hang on. */
export function LockFields(props: LockProps<WiredLock>) {
  const { t } = useTranslation("installer");
  const { id, lock, first, onChange } = props;
  return (
    <>
      <Radio.Group
        aria-label={t("wires.kind")}
        value={"units" in lock ? "lift" : "door"}
        onChange={(event) =>
          onChange(
            event.target.value === "lift"
              ? { units: [{ readerId: first, outputs: FIRST_RELAYS }] }
              : { readerId: first, output: 0 },
          )
        }
        options={[
          { value: "door", label: t("wires.kindDoor") },
          { value: "lift", label: t("wires.kindLift") },
        ]}
      />
      {"units" in lock ? (
        <LiftFields {...props} lock={lock} />
      ) : (
        <>
          <div className="install__pair">
            <Form.Item label={t("wires.lockAt")} htmlFor={`${id}-lock`}>
              <Select
                id={`${id}-lock`}
                size="large"
                options={props.options}
                value={lock.readerId}
                onChange={(readerId: string) => onChange({ ...lock, readerId })}
              />
            </Form.Item>
            <Form.Item label={t("wires.output")} htmlFor={`${id}-output`}>
              <InputNumber
                id={`${id}-output`}
                size="large"
                min={0}
                max={255}
                value={lock.output}
                onChange={(output) => onChange({ ...lock, output: output ?? 0 })}
              />
            </Form.Item>
          </div>
          {props.isReader(lock.readerId) ? <Alert type="warning" title={t("wires.onReader")} /> : null}
        </>
      )}
    </>
  );
}

function LiftFields({ id, lock: { units }, options, onChange }: LockProps<Lift>) {
  const { t } = useTranslation("installer");
  const left = options.filter(({ value }) => units.every(({ readerId }) => readerId !== value));
  const [next] = left;
  const change = (at: number, unit: Lift["units"][number]) => onChange({ units: units.with(at, unit) });
  return (
    <>
      <p className="quiet">{t("wires.liftHelp")}</p>
      {units.map((unit, at) => (
        <div key={unit.readerId} className="install__pair">
          <Form.Item label={t("wires.unit")} htmlFor={`${id}-unit-${at}`}>
            <Select
              id={`${id}-unit-${at}`}
              size="large"
              options={options.filter(
                ({ value }) => value === unit.readerId || left.some((o) => o.value === value),
              )}
              value={unit.readerId}
              onChange={(readerId: string) => change(at, { ...unit, readerId })}
            />
          </Form.Item>
          <Form.Item label={t("wires.relays")} htmlFor={`${id}-relays-${at}`}>
            <InputNumber
              id={`${id}-relays-${at}`}
              size="large"
              min={1}
              max={64}
              value={unit.outputs}
              onChange={(outputs) => change(at, { ...unit, outputs: outputs ?? 1 })}
            />
          </Form.Item>
          {units.length > 1 ? (
            <Button onClick={() => onChange({ units: units.toSpliced(at, 1) })}>{t("wires.dropUnit")}</Button>
          ) : null}
        </div>
      ))}
      {next === undefined ? null : (
        <Button
          onClick={() => onChange({ units: [...units, { readerId: next.value, outputs: FIRST_RELAYS }] })}
        >
          {t("wires.addUnit")}
        </Button>
      )}
    </>
  );
}
