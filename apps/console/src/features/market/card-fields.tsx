import { CITY_CHIPS, type CityChip } from "@menshen/wire";
import { InputNumber, Select } from "antd";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { useCity } from "./use-city.ts";

/** What a card is, beside its number. */
export interface CardFacts {
  readonly chip: CityChip;
  readonly issuer?: string | undefined;
  readonly keyVersion?: number | undefined;
}

/** Cards of this kind have keys of the community, and so a version of them. */
const KEYED: readonly CityChip[] = ["desfire", "ntag424"];

/** Fields for what a card is; issuers are those that the city lists. */
export function CardFields(props: { facts: CardFacts; onChange: (facts: CardFacts) => void }) {
  const { t: text } = useTranslation("market");
  const id = useId();
  const { facts, onChange } = props;
  const issuers = useCity().data?.issuers ?? [];
  return (
    <div className="intake__pair">
      <div className="form-field">
        <label htmlFor={`${id}-chip`}>{text("chip")}</label>
        <Select
          id={`${id}-chip`}
          value={facts.chip}
          onChange={(chip) => onChange({ ...facts, chip, keyVersion: undefined })}
          options={CITY_CHIPS.filter((value) => value !== "pkoc").map((value) => ({
            value,
            label: text(`chipOf.${value}`),
          }))}
        />
      </div>
      {issuers.length === 0 ? null : (
        <div className="form-field">
          <label htmlFor={`${id}-issuer`}>{text("issuer")}</label>
          <Select
            id={`${id}-issuer`}
            value={facts.issuer ?? ""}
            onChange={(issuer) => onChange({ ...facts, issuer: issuer === "" ? undefined : issuer })}
            options={[
              { value: "", label: text("issuerNone") },
              ...issuers.map(({ code, name }) => ({ value: code, label: name })),
            ]}
          />
        </div>
      )}
      {KEYED.includes(facts.chip) ? (
        <div className="form-field">
          <label htmlFor={`${id}-version`}>{text("keyVersion")}</label>
          <InputNumber
            id={`${id}-version`}
            min={0}
            max={255}
            precision={0}
            value={facts.keyVersion ?? null}
            onChange={(keyVersion) => onChange({ ...facts, keyVersion: keyVersion ?? undefined })}
            aria-describedby={`${id}-version-help`}
          />
          <p className="quiet" id={`${id}-version-help`}>
            {text("keyVersionHelp")}
          </p>
        </div>
      ) : null}
    </div>
  );
}

/** As an endpoint takes them: what is not known is left out. */
export function knownFacts({ chip, issuer, keyVersion }: CardFacts) {
  return {
    chip,
    ...(issuer === undefined ? {} : { issuer }),
    ...(keyVersion === undefined ? {} : { keyVersion }),
  };
}
