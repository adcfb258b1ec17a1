-- An own role is a kind of one of the default roles: its duty follows from that.
alter table own_role drop column duty, add column base text not null;
-- Were meant for requests that two persons decide; each such thing keeps its own request.
drop table two_person_request;
