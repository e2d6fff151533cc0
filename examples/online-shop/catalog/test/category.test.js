import test from 'node:test';
import { decide, expectDecision } from './turns.js';

const event = (type, data) => ({ type, data: { categoryId: 'c1', ...data } });
const added = event('CategoryAdded', { name: 'Books' });
const archived = event('CategoryArchived');
const unarchived = event('CategoryUnarchived');
const renamed = event('CategoryRenamed', { name: 'Novels' });
const attached = event('CategoryImageAttached', { categoryImage: 'shelf.png', altText: 'A shelf' });
const removed = event('CategoryImageRemoved', { categoryImage: 'shelf.png' });
const shown = (categoryImage) => event('CategoryEffectiveImageChanged', categoryImage && { categoryImage });

const shelf = { categoryImage: 'shelf.png', altText: 'A shelf' };
const pile = { categoryImage: 'pile.png' };
const caption = { altText: 'Books on a shelf' };
const captioned = event('CategoryImageAltTextSet', { categoryImage: 'shelf.png', ...caption });

const cases = {
  'a new category is added': ['AddCategory', { name: 'Books' }, [], [added]],
  'a category is added once': ['AddCategory', { name: 'Books' }, [added], 'CategoryAlreadyExists'],
  'an archived category exists too': ['AddCategory', { name: 'Books' }, [added, archived], 'CategoryAlreadyExists'],

  'a category is renamed': ['RenameCategory', { name: 'Novels' }, [added], [renamed]],
  'the same name changes nothing': ['RenameCategory', { name: 'Novels' }, [added, renamed], []],
  'an unknown category cannot be renamed': ['RenameCategory', { name: 'Novels' }, [], 'CategoryNotFound'],
  'an archived category keeps its name': ['RenameCategory', { name: 'Books' }, [added, archived], 'CategoryAlreadyArchived'],
  'a category that returned can be renamed': ['RenameCategory', { name: 'Novels' }, [added, archived, unarchived], [renamed]],

  'a category is archived': ['ArchiveCategory', {}, [added], [archived]],
  'archiving twice changes nothing': ['ArchiveCategory', {}, [added, archived], []],
  'an unknown category cannot be archived': ['ArchiveCategory', {}, [], 'CategoryNotFound'],
  'a category returns': ['UnarchiveCategory', {}, [added, archived], [unarchived]],
  'a listed category has nothing to return from': ['UnarchiveCategory', {}, [added], []],
  'an unknown category cannot return': ['UnarchiveCategory', {}, [], 'CategoryNotFound'],

  'a category gets an image': ['SetCategoryImage', shelf, [added], [attached, shown('shelf.png')]],
  'the same image changes nothing': ['SetCategoryImage', shelf, [added, attached], []],
  'a new image replaces the old one': ['SetCategoryImage', pile, [added, attached],
    [removed, event('CategoryImageAttached', pile), shown('pile.png')]],
  'an image can come back': ['SetCategoryImage', shelf, [added, attached, removed], [attached, shown('shelf.png')]],
  'an unknown category gets no image': ['SetCategoryImage', shelf, [], 'CategoryNotFound'],
  'an archived category gets no image': ['SetCategoryImage', shelf, [added, archived], 'CategoryAlreadyArchived'],

  'an image is removed': ['RemoveCategoryImage', {}, [added, attached], [removed, shown()]],
  'without an image nothing is removed': ['RemoveCategoryImage', {}, [added, attached, removed], []],
  'an unknown category loses no image': ['RemoveCategoryImage', {}, [], 'CategoryNotFound'],
  'an archived category loses no image': ['RemoveCategoryImage', {}, [added, attached, archived], 'CategoryAlreadyArchived'],

  'an image gets a caption': ['SetCategoryImageAltText', caption, [added, attached], [captioned]],
  'the same caption changes nothing': ['SetCategoryImageAltText', caption, [added, attached, captioned], []],
  'a caption needs an image': ['SetCategoryImageAltText', caption, [added, attached, removed], 'CategoryImageNotAttached'],
  'an unknown category gets no caption': ['SetCategoryImageAltText', caption, [], 'CategoryNotFound'],
  'an archived category gets no caption': ['SetCategoryImageAltText', caption, [added, attached, archived], 'CategoryAlreadyArchived'],
};

for (const [name, [type, data, history, expected]] of Object.entries(cases)) {
  test(name, async () => expectDecision(await decide('Category', type, { categoryId: 'c1', ...data }, history), expected));
}
