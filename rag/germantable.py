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
This citation does not fit the article as it is now; ask the question again.
= Dieser Beleg passt nicht mehr zum Artikel, wie er jetzt ist; die Frage noch einmal stellen.
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
{} cannot be read: {}. Check its permissions.
= {} kann nicht gelesen werden: {}. Die Zugriffsrechte prüfen.
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
There is no folder {}; name the folder that holds the articles.
= Es gibt keinen Ordner {}; den Ordner mit den Artikeln angeben.
The folder {} holds no article that can be read; put .txt, .md or .html files into it.
= Der Ordner {} enthält keinen lesbaren Artikel; Dateien auf .txt, .md oder .html hineinlegen.
Another process has been bringing the index in {} up to date for {} seconds; wait until it is done, or end it, and try
  again.
= Ein anderer Prozess bringt den Index in {} seit {} Sekunden auf den neuesten Stand; abwarten, bis er fertig ist,
  oder ihn beenden und es noch einmal versuchen.
The index folder {} cannot be written ({}); make it writable.
= In den Indexordner {} kann nicht geschrieben werden ({}); ihn beschreibbar machen.
The index in {} was damaged; it was built anew from the articles.
= Der Index in {} war beschädigt; er wurde aus den Artikeln neu aufgebaut.
The way articles are read and divided has changed since the index was built; all were read again.
= Seit der Index aufgebaut wurde, hat sich geändert, wie Artikel gelesen und geteilt werden; alle wurden neu gelesen.
The files of the model {} have changed since the index was built; it was rebuilt.
= Seit der Index aufgebaut wurde, haben sich die Dateien des Modells {} geändert; er wurde neu aufgebaut.
The index was built with {}; it was rebuilt for {}.
= Der Index war mit {} aufgebaut; er wurde für {} neu aufgebaut.
Nothing has been indexed yet; bring the index up to date first.
= Noch ist nichts im Index; ihn zuerst auf den neuesten Stand bringen.
The index holds no article {}.
= Im Index ist kein Artikel {}.
The index has lost the passages {}.
= Dem Index fehlen die Stellen {}.
The damaged index in {} cannot be deleted: {}.
= Der beschädigte Index in {} kann nicht gelöscht werden: {}.
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
A row of the index is damaged; delete the index's folder, and it is built anew.
= Eine Zeile des Index ist beschädigt; seinen Ordner löschen, dann wird er neu aufgebaut.
The index does not fit {}: a stored passage is not in the stored article. Delete the index folder; it is rebuilt from
  the articles.
= Der Index passt nicht zu {}: Eine gespeicherte Stelle steht nicht im gespeicherten Artikel. Den Indexordner löschen;
  er wird aus den Artikeln neu aufgebaut.
The index file {} cannot be written ({}); make room on the disk, or make the folder writable, and try again.
= Die Indexdatei {} kann nicht geschrieben werden ({}); Platz auf dem Datenträger schaffen oder den Ordner
  beschreibbar machen und es noch einmal versuchen.
The index file {} is lost ({}).
= Die Indexdatei {} fehlt ({}).
The index file {} is damaged.
= Die Indexdatei {} ist beschädigt.
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
{} in use. Choose another one with --port.
= {} belegt. Mit --port einen anderen wählen.
"""

# What fills a hole of these, where it is the product or the operating system that speaks.
PHRASES = """
name the folder of {} with {}, or leave {} out
= mit {1} den Ordner von {0} angeben oder {2} weglassen
a sentence-transformers model
= einem sentence-transformers-Modell
a sentence-transformers CrossEncoder
= einem CrossEncoder von sentence-transformers
an answer
= Antwort
a conversation
= Gespräch
Port {} is
= Port {} ist
The ports from {} on are
= Die Ports ab {} sind
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
