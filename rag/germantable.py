"""What the product says of errors and files, and its German: the tables of ``rag.germansentences``. Owns the wording.

English, in the next line after "= " the German; a line that begins with white space goes on with the one before.
"""

SENTENCES = """
The question is empty. Type what you want to find in the articles.
= Die Frage ist leer. Eintippen, was in den Artikeln gefunden werden soll.
The question has {} characters; at most {} are read. Shorten it.
= Die Frage hat {} Zeichen; höchstens {} werden gelesen. Sie ist zu kürzen.
k is {}; it must be from 1 to {}.
= k ist {}; erlaubt ist 1 bis {}.
This citation cannot be read; ask the question again.
= Dieser Beleg ist nicht lesbar; die Frage noch einmal stellen.
The permalink {} is none; copy it anew, whole: it begins with p, a number and a hyphen.
= Der Permalink {} ist keiner; ihn noch einmal und ganz kopieren: Er beginnt mit p, einer Zahl und einem Bindestrich.
The permalink leads to {}, which is not among these articles, and none of them has its paragraph; open the folder of
  articles that it was copied from.
= Der Permalink führt zu {}, das nicht unter diesen Artikeln ist, und keiner von ihnen hat den Absatz; den Ordner der
  Artikel öffnen, aus dem er kopiert wurde.
The cited words are no longer in {}; ask again, and link to what is there now.
= Die zitierten Worte stehen nicht mehr in {}; noch einmal fragen und auf das verlinken, was jetzt dort steht.
articles names {}, which is not in the index; name an article by its path in the folder.
= Unter den ausgewählten Artikeln ist {}, das nicht im Index ist; einen Artikel durch seinen Pfad im Ordner benennen.
folders names {}, which holds no indexed article; name a folder by its path in the folder of articles, with forward
  slashes.
= Unter den ausgewählten Ordnern ist {}, in dem kein Artikel des Index liegt; einen Ordner durch seinen Pfad im Ordner
  der Artikel benennen, mit Schrägstrichen.
since is {} and until is {}, so that nothing lies between; exchange the two.
= Der Zeitraum beginnt am {} und endet am {}, so dass nichts dazwischen liegt; die beiden Tage vertauschen.
language is {}; it must be de or en.
= Als Sprache ist {} angegeben; erlaubt sind de und en.
This JSON has {} characters; at most {} are read. Export less.
= Dieses JSON hat {} Zeichen; höchstens {} werden gelesen. Weniger exportieren.
This JSON cannot be read as {}; export it again.
= Dieses JSON lässt sich nicht als {} lesen; es ist neu zu exportieren.
This is not a conversation of format {}, version {}; export it again, with this version.
= Das ist kein Gespräch im Format {}, Version {}; es ist mit dieser Version neu zu exportieren.
This answer cites places that cannot be; export it again.
= Diese Antwort nennt Stellen, die es nicht geben kann; sie ist neu zu exportieren.
files of this kind are not read; readable are {}.
= Dateien dieser Art werden nicht gelesen; lesbar sind {}.
its name has characters that cannot be shown; rename it.
= der Name enthält Zeichen, die sich nicht anzeigen lassen; die Datei umbenennen.
it is a link that leads out of the folder.
= es ist eine Verknüpfung, die aus dem Ordner hinausführt.
it is a link to a folder; put the folder itself there.
= es ist eine Verknüpfung mit einem Ordner; den Ordner selbst dort ablegen.
it cannot be read: {}.
= die Datei kann nicht gelesen werden: {}.
it is not a regular file.
= es ist keine gewöhnliche Datei.
it is larger than {} MB.
= die Datei ist größer als {} MB.
it is empty.
= die Datei ist leer.
{} is empty.
= {} ist leer.
{} has {} {}; at most {} are read. Divide it.
= {} hat {} {}; höchstens {} werden gelesen. Die Datei ist zu teilen.
{} cannot be read: {}. Check its permissions.
= {} kann nicht gelesen werden: {}. Die Zugriffsrechte prüfen.
{} was changed while it was read; read the folder again.
= {} wurde geändert, während die Datei gelesen wurde; den Ordner neu einlesen.
{} holds no article text, only menus, forms or headings.
= {} enthält keinen Artikeltext, nur Menüs, Formulare oder Überschriften.
{} holds no article text that could be told apart from the page around it.
= {} enthält keinen Artikeltext, der sich von der Seite darum herum unterscheiden ließe.
{} cannot be parsed; save the page again or convert it to plain text.
= {} lässt sich nicht auswerten; die Seite neu speichern oder in reinen Text umwandeln.
{} cannot be decoded: the byte at offset {} is not UTF-8, and the file is not recognisable as UTF-16 or Windows-1252
  text either. Save it as UTF-8.
= {} lässt sich nicht entschlüsseln: Das Byte an Position {} ist kein UTF-8, und auch als Text in UTF-16 oder
  Windows-1252 ist die Datei nicht zu erkennen. Sie ist als UTF-8 zu speichern.
{} cannot be decoded: it says it is {}, but the byte at offset {} is not. Save it as UTF-8.
= {} lässt sich nicht entschlüsseln: Als Kodierung ist {} angegeben, doch das Byte an Position {} passt nicht dazu.
  Die Datei ist als UTF-8 zu speichern.
{} is not text: it has a NUL character at offset {}.
= {} ist kein Text: An Position {} steht ein NUL-Zeichen.
There is no file {}; it may have been moved or renamed. Read the folder again.
= Es gibt keine Datei {}; vielleicht wurde sie verschoben oder umbenannt. Den Ordner neu einlesen.
{} is not read; files that are read end in {}.
= {} wird nicht gelesen; lesbar sind Dateien, die so enden: {}.
{} is larger than {} MB; divide it.
= {} ist größer als {} MB; die Datei teilen.
{} cannot be put back: there is another file of that name. Rename or remove that one first.
= {} kann nicht zurückgelegt werden: Es gibt eine andere Datei dieses Namens. Zuerst diese umbenennen oder entfernen.
The folder {} cannot be changed ({}); make it writable, or make room on the disk, and try again.
= Am Ordner {} lässt sich nichts ändern ({}); ihn beschreibbar machen oder Platz auf dem Datenträger schaffen und es
  noch einmal versuchen.
The folder {} cannot be made ({}); make room for it.
= Der Ordner {} kann nicht angelegt werden ({}); Platz für ihn schaffen.
{} could not be read because of a fault of the program ({}). Please report it together with what `fundstelle --debug
  chat` writes.
= {} konnte wegen eines Fehlers im Programm nicht gelesen werden ({}). Bitte melden, zusammen mit dem, was `fundstelle
  --debug chat` schreibt.
The sample articles stay as they are; put files into a folder of your own.
= Die Beispielartikel bleiben, wie sie sind; Dateien in einen eigenen Ordner legen.
The articles in {} are still being prepared. Ask again in a moment.
= Die Artikel in {} werden noch vorbereitet. Gleich noch einmal fragen.
These articles are not open. Choose one of the folders that are, or open theirs as well.
= Diese Artikel sind nicht geöffnet. Einen der geöffneten Ordner wählen oder auch ihren öffnen.
There is no folder {}; name the folder that holds the articles.
= Es gibt keinen Ordner {}; den Ordner mit den Artikeln angeben.
The folder {} holds no article that can be read; put .txt, .md or .html files into it.
= Der Ordner {} enthält keinen lesbaren Artikel; Dateien auf .txt, .md oder .html hineinlegen.
Another process has been bringing the index in {} up to date for {} seconds; wait until it is done, or end it, and try
  again.
= Ein anderer Prozess bringt den Index in {} seit {} Sekunden auf den neuesten Stand; abwarten, bis er fertig ist,
  oder ihn beenden und es noch einmal versuchen.
The index folder {} cannot be written ({}); make it writable, or make room on the disk, and try again.
= In den Indexordner {} kann nicht geschrieben werden ({}); ihn beschreibbar machen oder Platz auf dem Datenträger
  schaffen und es noch einmal versuchen.
The index in {} was removed or replaced while it was brought up to date; try again.
= Der Index in {} wurde entfernt oder ersetzt, während er auf den neuesten Stand gebracht wurde; es noch einmal
  versuchen.
The index in {} was damaged; it was built anew from the articles.
= Der Index in {} war beschädigt; er wurde aus den Artikeln neu aufgebaut.
The index in {} was made by an earlier version; it was built anew from the articles.
= Der Index in {} stammte von einer früheren Version; er wurde aus den Artikeln neu aufgebaut.
The way articles are read and divided has changed since the index was built; all were read again.
= Seit der Index aufgebaut wurde, hat sich geändert, wie Artikel gelesen und geteilt werden; alle wurden neu gelesen.
Another program has made the index anew with {}, and this one asks with {}; use one model for both, or end the other
  one and start this one again.
= Ein anderes Programm hat den Index mit {} neu aufgebaut, und dieses fragt mit {}; für beide ein Modell verwenden oder
  das andere beenden und dieses neu starten.
Another version of this program, or one with other settings, has made the index anew; start this one again, and the
  index is made for it.
= Eine andere Version dieses Programms oder eines mit anderen Einstellungen hat den Index neu aufgebaut; dieses neu
  starten, dann wird er dafür aufgebaut.
The index was built with {}; it was rebuilt for {}.
= Der Index war mit {} aufgebaut; er wurde für {} neu aufgebaut.
Nothing has been indexed yet; bring the index up to date first.
= Noch ist nichts im Index; ihn zuerst auf den neuesten Stand bringen.
The index holds no article {}.
= Im Index ist kein Artikel {}.
The index has lost the text of {}.
= Dem Index fehlt der Text von {}.
The index has lost passages with the word {}; delete the index's folder, and it is built anew.
= Dem Index fehlen Stellen mit dem Wort {}; den Ordner des Index löschen, dann wird er neu gebaut.
The index has lost the passages {}; delete the index's folder, and it is built anew.
= Dem Index fehlen die Stellen {}; den Ordner des Index löschen, dann wird er neu gebaut.
The index is damaged ({}); delete its folder, and it is built anew.
= Der Index ist beschädigt ({}); seinen Ordner löschen, dann wird er neu gebaut.
The damaged index {} cannot be deleted: {}.
= Der beschädigte Index {} kann nicht gelöscht werden: {}.
The index {} cannot be opened ({}); make its folder writable.
= Der Index {} kann nicht geöffnet werden ({}); seinen Ordner beschreibbar machen.
The index {} was made by a newer version of this program; bring the program up to date, or delete the folder {}, and
  it is built anew.
= Der Index {} stammt von einer neueren Version dieses Programms; das Programm auf den neuesten Stand bringen oder den
  Ordner {} löschen, dann wird er neu aufgebaut.
The index {} cannot be used ({}); make room on the disk, make the folder writable, or wait for another program to let
  go of it, and try again.
= Der Index {} kann nicht benutzt werden ({}); Platz auf dem Datenträger schaffen, den Ordner beschreibbar machen oder
  abwarten, bis ein anderes Programm ihn freigibt, und es noch einmal versuchen.
The index {} is damaged ({}); delete the folder {}, and it is built anew.
= Der Index {} ist beschädigt ({}); den Ordner {} löschen, dann wird er neu aufgebaut.
The index {} was made by an earlier version of this program; delete the folder {}, and it is built anew.
= Der Index {} stammt von einer früheren Version dieses Programms; den Ordner {} löschen, dann wird er neu aufgebaut.
A row of the index is damaged; delete the index's folder, and it is built anew.
= Eine Zeile des Index ist beschädigt; seinen Ordner löschen, dann wird er neu aufgebaut.
The index does not fit {}: a stored passage is not in the stored article. Delete the index folder; it is rebuilt from
  the articles.
= Der Index passt nicht zu {}: Eine gespeicherte Stelle steht nicht im gespeicherten Artikel. Den Indexordner löschen;
  er wird aus den Artikeln neu aufgebaut.
The index file in {} cannot be written ({}); make room on the disk, or make the folder writable, and try again.
= Die Indexdatei in {} kann nicht geschrieben werden ({}); Platz auf dem Datenträger schaffen oder den Ordner
  beschreibbar machen und es noch einmal versuchen.
The index file {} is lost ({}).
= Die Indexdatei {} fehlt ({}).
The index file {} is damaged.
= Die Indexdatei {} ist beschädigt.
The package apsw has no cksumvfs ({}); install it anew from its wheel: pip install --force-reinstall apsw.
= Dem Paket apsw fehlt cksumvfs ({}); es aus seinem Wheel neu installieren: pip install --force-reinstall apsw.
The model that comes with Fundstelle is missing or damaged in {}; install Fundstelle again, or in a checkout run: git
  checkout -- embeddings/model
= Das Modell, das zu Fundstelle gehört, fehlt in {} oder ist beschädigt; Fundstelle neu installieren oder in einem
  Checkout ausführen: git checkout -- embeddings/model
The table of translations that comes with Fundstelle is missing or damaged ({}); install Fundstelle again, or in a
  checkout run: git checkout -- embeddings/translations
= Die Tabelle der Übersetzungen, die zu Fundstelle gehört, fehlt oder ist beschädigt ({}); Fundstelle neu installieren
  oder in einem Checkout ausführen: git checkout -- embeddings/translations
There is no model folder {}; {}.
= Es gibt keinen Modellordner {}; {}.
The folder {} holds no sentence-transformers model; {}.
= Der Ordner {} enthält kein sentence-transformers-Modell; {}.
The model {} is neither a folder nor in the local cache, and cannot be downloaded: {}; name a model folder with {}, or
  connect to the internet once.
= Das Modell {} ist weder ein Ordner noch im lokalen Zwischenspeicher und kann nicht heruntergeladen werden: {}; mit
  {} einen Modellordner angeben oder einmal mit dem Internet verbinden.
The model in {} is made to run as a {}, and {} takes a {}; {}.
= Das Modell in {} ist als {} gemacht, zu {} gehört aber ein {}; {}.
The model in {} has weights that can hold code ({}); save it as safetensors, or {}.
= Das Modell in {} hat Gewichte, die Programmcode enthalten können ({}); es als safetensors speichern oder {}.
The model in {} cannot be loaded: {}; {}.
= Das Modell in {} kann nicht geladen werden: {}; {}.
The model's file {} cannot be read ({}); {}.
= Die Datei {} des Modells kann nicht gelesen werden ({}); {}.
The model {} failed to encode: {}; {}.
= Mit dem Modell {} konnte nicht gerechnet werden: {}; {}.
The model {} failed to score: {}; {}.
= Mit dem Modell {} konnte nicht bewertet werden: {}; {}.
The model {} returned an array of shape {} for {} texts; {}.
= Das Modell {} gab Zahlen der Form {} für {} Texte zurück; {}.
The model {} returned an array of shape {} for {} passages, where a reranker gives each one score; {}.
= Das Modell {} gab Zahlen der Form {} für {} Stellen zurück, von denen jede eine einzige Bewertung haben sollte; {}.
The model {} returned a vector that is zero or not finite; {}.
= Das Modell {} gab einen Vektor zurück, der null oder nicht endlich ist; {}.
The model {} returned a score that is not finite; {}.
= Das Modell {} gab eine Bewertung zurück, die nicht endlich ist; {}.
The feedback could not be written to {} ({}); make room on the disk, or make the file writable.
= Die Bewertung konnte nicht in {} geschrieben werden ({}); Platz auf dem Datenträger schaffen oder die Datei
  beschreibbar machen.
There is no feedback yet: {} does not exist. The chat writes it.
= Es gibt noch keine Bewertungen: {} fehlt. Der Chat schreibt die Datei.
The feedback in {} cannot be read ({}).
= Die Bewertungen in {} lassen sich nicht lesen ({}).
The page and the program do not fit together; reload the page.
= Die Seite passt nicht zum Programm; die Seite neu laden.
{} did not arrive whole; drop it again.
= {} kam nicht vollständig an; die Datei noch einmal ablegen.
The program is busy with other questions; ask again in a moment.
= Das Programm ist mit anderen Fragen beschäftigt; gleich noch einmal fragen.
"""

# What fills a hole of these, where it is the product or the operating system that speaks.
PHRASES = """
name the folder of {} with {}, or leave {} out
= mit {1} den Ordner von {0} angeben oder {2} weglassen
a sentence-transformers model
= einem sentence-transformers-Modell
a sentence-transformers CrossEncoder
= einem CrossEncoder von sentence-transformers
A file without a name
= Eine Datei ohne Namen
characters
= Zeichen
lines
= Zeilen
marks
= Auszeichnungen
tags
= HTML-Tags
cells in one row
= Zellen in einer Tabellenzeile
attributes in one tag
= Attribute in einem HTML-Tag
an answer
= Antwort
a conversation
= Gespräch
Permission denied
= keine Berechtigung
No such file or directory
= keine solche Datei
Is a directory
= es ist ein Ordner
No space left on device
= kein Platz auf dem Datenträger
Read-only file system
= der Datenträger ist schreibgeschützt
Input/output error
= Ein- oder Ausgabefehler
"""
