import { type ReadTarget, ResponseError } from "../errors";

/**
 * Walks the pages of a listing, from cursor to cursor.
 *
 * @param readPage asks for one page with these query parameters; the first page has none.
 * @param target what is listed.
 * @throws ResponseError where the pages run in a circle.
 */
export async function* walkPages<Page extends { readonly nextPageToken?: string }>(
  readPage: (query: Record<string, string>) => Promise<Page>,
  target: ReadTarget,
): AsyncGenerator<Page> {
  const seen = new Set<string>();
  let pageToken: string | undefined;
  do {
    const page = await readPage(pageToken === undefined ? {} : { page_token: pageToken });
    yield page;
    pageToken = page.nextPageToken;
    if (pageToken !== undefined && seen.has(pageToken)) {
      throw new ResponseError(target, "the API's pages run in a circle. Tell MotherDuck's support.");
    }
    if (pageToken !== undefined) seen.add(pageToken);
  } while (pageToken !== undefined);
}
