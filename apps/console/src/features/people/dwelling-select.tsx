import { dwellingEndpoints } from "@menshen/wire";
import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { usePaged } from "../../api/paged.ts";

/** Finds a dwelling by part of its name among thousands; the server searches. */
export function DwellingSelect(props: {
  id?: string;
  value?: string;
  onChange?: (dwellingId: string) => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const dwellings = usePaged(dwellingEndpoints.list, {
    limit: 50,
    ...(text.trim() === "" ? {} : { text: text.trim() }),
  });
  return (
    <Select<string>
      {...(props.id === undefined ? {} : { id: props.id })}
      showSearch={{ filterOption: false, onSearch: setText }}
      placeholder={t("people.findDwelling")}
      value={props.value ?? null}
      loading={dwellings.isFetching}
      onChange={(value) => props.onChange?.(value)}
      options={dwellings.items.map((dwelling) => ({
        value: dwelling.id,
        label: `${dwelling.buildingName} ${dwelling.name}`,
      }))}
    />
  );
}
