import { type HolidayItem, holidayEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";

const KINDS = ["public", "make-up-workday"] as const;

/** The community's calendar: which dates are which kind of holiday. */
export function Holidays() {
  const { t } = useTranslation();
  const mayWrite = useMay("schedules.write");
  const [year, setYear] = useState(() => new Date().getFullYear());
  const holidays = useQuery({
    queryKey: [holidayEndpoints.list.id, year],
    queryFn: ({ signal }) => call(holidayEndpoints.list, { query: { year }, signal }),
  });
  const set = useChange(({ date, kind, name }: HolidayItem) =>
    call(holidayEndpoints.set, { params: { date }, body: { kind, name } }),
  );
  const remove = useChange((date: string) => call(holidayEndpoints.remove, { params: { date } }));
  const [form] = Form.useForm<HolidayItem>();
  const kindText = (kind: string) => {
    const known = KINDS.find((candidate) => candidate === kind);
    return known === undefined ? kind : t(`holidayKind.${known}`);
  };

  return (
    <section className="section" aria-labelledby="holidays">
      <h2 id="holidays">{t("schedule.calendar")}</h2>
      <div className="filters">
        <Button onClick={() => setYear(year - 1)}>{year - 1}</Button>
        <strong>{year}</strong>
        <Button onClick={() => setYear(year + 1)}>{year + 1}</Button>
      </div>
      {holidays.isPending ? <Loading /> : null}
      {holidays.isError ? <Failed error={holidays.error} onRetry={() => void holidays.refetch()} /> : null}
      {holidays.isSuccess && holidays.data.items.length === 0 ? <p>{t("schedule.noHolidays")}</p> : null}
      <ul className="plain-list">
        {(holidays.data?.items ?? []).map((holiday) => (
          <li key={holiday.date}>
            <span>
              {holiday.date} <strong>{holiday.name}</strong> · {kindText(holiday.kind)}
            </span>
            {mayWrite ? (
              <Button type="text" onClick={() => remove.mutate(holiday.date)}>
                {t("common.remove")}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      {mayWrite ? (
        <Form<HolidayItem>
          form={form}
          layout="inline"
          initialValues={{ kind: "public" }}
          onFinish={(values) => {
            set.mutate(values);
            form.resetFields();
          }}
        >
          <Form.Item name="date" rules={[{ required: true, message: t("schedule.dateMissing") }]}>
            <Input type="date" aria-label={t("schedule.date")} />
          </Form.Item>
          <Form.Item
            name="name"
            rules={[{ required: true, whitespace: true, message: t("people.nameMissing") }]}
          >
            <Input aria-label={t("common.name")} placeholder={t("common.name")} maxLength={80} />
          </Form.Item>
          <Form.Item name="kind">
            <Select
              aria-label={t("schedule.holidays")}
              options={KINDS.map((kind) => ({ value: kind, label: t(`holidayKind.${kind}`) }))}
            />
          </Form.Item>
          <Button htmlType="submit" loading={set.isPending}>
            {t("common.add")}
          </Button>
        </Form>
      ) : null}
    </section>
  );
}
