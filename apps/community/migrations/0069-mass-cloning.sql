-- Copies of many cards within a month are an incident, even where no data were lost. A case belongs to one at most.
alter table detection_case add column incident_id uuid references incident;
create index detection_case_incident on detection_case (incident_id) where incident_id is not null;
