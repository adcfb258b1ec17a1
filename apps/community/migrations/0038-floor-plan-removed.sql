-- A floor plan that was taken away can be put back for a while.

alter table floor_plan add column removed_at timestamptz(3);
alter table floor_plan drop constraint floor_plan_name_key;
create unique index floor_plan_name on floor_plan (name) where removed_at is null;
