/** Tells when the page is to be printed, and when it is over. Some browsers tell in one way, some in the other. */
export function onPrint(listener: (isPrinting: boolean) => void): void {
  let known = false;
  const tell = (isPrinting: boolean) => {
    if (isPrinting !== known) listener((known = isPrinting));
  };
  addEventListener("beforeprint", () => tell(true));
  addEventListener("afterprint", () => tell(false));
  matchMedia("print").addEventListener("change", ({ matches }) => tell(matches));
}
