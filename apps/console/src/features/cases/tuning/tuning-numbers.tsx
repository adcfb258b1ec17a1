import type { DetectionNumbers, DetectionSettings } from "@menshen/wire";
import { Button, InputNumber } from "antd";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { PARAMETERS, type Parameter, shownNumber } from "./parameters.ts";

/** Each number with its unit, what it does, and what it was delivered as. */
export function TuningNumbers(props: {
  numbers: DetectionNumbers;
  delivered: DetectionSettings["delivered"];
  mayChange: boolean;
  onChange: (numbers: DetectionNumbers) => void;
}) {
  const { t: text } = useTranslation("tuning");
  const { delivered, mayChange, numbers, onChange } = props;
  return (
    <section className="section" aria-labelledby="numbers">
      <h2 id="numbers">{text("numbers")}</h2>
      <ul className="tuning-numbers">
        {PARAMETERS.map((parameter) => (
          <NumberRow
            key={parameter.name}
            parameter={parameter}
            value={numbers[parameter.name] ?? delivered[parameter.name]}
            delivered={delivered[parameter.name]}
            mayChange={mayChange}
            onChange={(value) => onChange({ ...numbers, [parameter.name]: value })}
          />
        ))}
      </ul>
    </section>
  );
}

function NumberRow(props: {
  parameter: Parameter;
  value: number;
  delivered: number;
  mayChange: boolean;
  onChange: (value: number) => void;
}) {
  const { t: text } = useTranslation("tuning");
  const id = useId();
  const { delivered, onChange, value } = props;
  const { least, most, name, scale, step } = props.parameter;
  const unit = text(`unit.${name}`);
  return (
    <li>
      <div>
        <label htmlFor={id}>{text(`name.${name}`)}</label>
        <p id={`${id}-help`} className="quiet">
          {text(`help.${name}`)}
        </p>
      </div>
      <div className="tuning-numbers__value">
        <InputNumber<number>
          id={id}
          min={least}
          max={most}
          step={step}
          readOnly={!props.mayChange}
          value={shownNumber(value, scale)}
          suffix={unit}
          aria-describedby={`${id}-help ${id}-delivered`}
          onChange={(typed) => {
            if (typed !== null) onChange(Number((typed / scale).toPrecision(10)));
          }}
        />
        <span id={`${id}-delivered`} className="quiet">
          {text("delivered", { value: shownNumber(delivered, scale), unit })}
        </span>
        {props.mayChange && value !== delivered ? (
          <Button type="link" size="small" onClick={() => onChange(delivered)}>
            {text("asDelivered")}
          </Button>
        ) : null}
      </div>
    </li>
  );
}
