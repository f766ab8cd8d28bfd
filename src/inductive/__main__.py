from inductive.cli import main

main()
