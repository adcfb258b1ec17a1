export function HomesPage() {
  return null;
}
