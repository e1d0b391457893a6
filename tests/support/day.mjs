// What the program counts by days, in UTC.
const today = () => new Date().toISOString().slice(0, 10);

// Does this within one day: again, where midnight has passed meanwhile.
export async function withinADay(act) {
  for (;;) {
    const day = today();
    const outcome = await act().catch((error) => {
      if (today() === day) throw error;
    });
    if (today() === day) return outcome;
  }
}
