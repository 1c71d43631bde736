/** Calls the listener before and after printing. Browsers differ in which of these events they send. */
export function onPrint(listener: (isPrinting: boolean) => void): void {
  let known = false;
  const tell = (isPrinting: boolean) => {
    if (isPrinting !== known) listener((known = isPrinting));
  };
  addEventListener("beforeprint", () => tell(true));
  addEventListener("afterprint", () => tell(false));
  matchMedia("print").addEventListener("change", ({ matches }) => tell(matches));
}
